with source as (

    select *
    from {{ accepted_rows(
        source('nycflights13', 'flights') if var('flights') == 'full_year' else ref('flights'),
        refers_to=[ref('airlines'), ref('airports'), ref('airports_supplement')]
    ) | indent(4) }}

),

dated as (

    select
        *,
        cast(concat_ws('-', year, month, day) as date) as flight_date
    from source

),

renamed as (

    select
        concat_ws('-', flight_date, carrier, flight, origin) as flight_id,
        carrier as airline_id,
        tailnum as aircraft_id,
        origin as origin_airport_id,
        dest as destination_airport_id,
        flight as flight_number,
        distance as distance_miles,
        dep_delay as departure_delay_minutes,
        arr_delay as arrival_delay_minutes,
        air_time as air_time_minutes,
        sched_dep_time as scheduled_departure_clock,
        dep_time as departure_clock,
        sched_arr_time as scheduled_arrival_clock,
        arr_time as arrival_clock,
        flight_date
    from dated

)

select * from renamed
