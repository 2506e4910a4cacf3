-- Two shops and nobody, every 15 minutes of three days.
select
    shop_id || ' ' || cast(predicted_at as varchar) as row_id,
    nullif(shop_id, '') as shop_id,
    case shop_id when 'a' then 'b' when 'b' then 'c' end as other_shop_id,
    predicted_at
from (values ('a'), ('b'), ('')) as shops (shop_id)
cross join generate_series(timestamp '2024-01-01', timestamp '2024-01-04', interval '15' minute) as instants (predicted_at)
