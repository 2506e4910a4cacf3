-- Visits on a grid of quarters of an hour, so that instants repeat, with gaps, nulls and rows without key or instant.
select
    n as visit_id,
    case hash(n, 1) % 20 when 0 then null else chr(97 + (hash(n, 2) % 3)::integer) end as shop_id,
    case when hash(n, 3) % 9 = 0 then null else (hash(n, 4) % 50)::integer end as minutes,
    case
        when n % 41 <> 0 then timestamp '2024-01-01' + to_minutes(15 * (hash(n, 5) % (1 + n * 2))::integer)
    end as known_at
from range(300) as numbers (n)
