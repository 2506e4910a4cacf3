-- Sales on a grid of half hours, so that instants repeat; delays of nothing to a day, some known before they happen,
-- corrections, rows twice, and rows without key or clock.
select
    case hash(n, 1) % 20 when 0 then null else chr(97 + (hash(n, 2) % 3)::integer) end as shop_id,
    hash(n, 3) % 100 as amount,
    case when n % 7 = 0 then null else 'sale ' || hash(n, 4) % 3 end as remark,
    case when n % 29 = 0 then null else event_at end as event_at,
    case when n % 31 = 0 then null else event_at + to_minutes(30 * ((hash(n, 5) % 12)::integer - 2)) end as known_at
from (
    select
        n,
        timestamp '2024-01-01' + to_minutes(30 * (hash(n, 6) % 120)::integer) as event_at
    from range(600) as numbers (n)
) as drawn
