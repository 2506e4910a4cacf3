with flights as (

    select * from {{ ref('stg_flights') }}

),

bounds as (

    select
        min(flight_date) as first_date,
        max(flight_date) as last_date
    from flights

),

days as (

    select {{ each_day('first_date', 'last_date') }} as date_day
    from bounds

),

described as (

    select
        date_day,
        {{ iso_weekday('date_day') }} as iso_weekday,
        cast(extract(year from date_day) as integer) as year_number,
        cast(extract(quarter from date_day) as integer) as quarter_number,
        cast(extract(month from date_day) as integer) as month_number,
        {{ iso_weekday('date_day') }} >= 6 as is_weekend
    from days

)

select * from described
