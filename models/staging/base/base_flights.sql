with source as (

    {% if var('flights') == 'full_year' %}
    select * from {{ source('nycflights13', 'flights') }}
    {% else %}
    select * from {{ ref('flights') }}
    {% endif %}

),

dated as (

    select
        *,
        try_cast(concat_ws('-', year, month, day) as date) as flight_date
    from source

),

renamed as (

    select
        concat_ws('-', cast(flight_date as varchar), carrier, flight, origin) as flight_id,
        carrier as airline_id,
        tailnum as aircraft_id,
        origin as origin_airport_id,
        dest as destination_airport_id,
        cast(flight as integer) as flight_number,
        cast(distance as integer) as distance_miles,
        cast(dep_delay as integer) as departure_delay_minutes,
        cast(arr_delay as integer) as arrival_delay_minutes,
        cast(air_time as integer) as air_time_minutes,
        cast(sched_dep_time as integer) as scheduled_departure_clock,
        cast(dep_time as integer) as departure_clock,
        cast(sched_arr_time as integer) as scheduled_arrival_clock,
        cast(arr_time as integer) as arrival_clock,
        flight_date
    from dated

)

select * from renamed
