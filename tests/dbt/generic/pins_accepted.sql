{#- Every pin rules; each refused one is told with the reason. It goes on the model pin_failures, a leaf: a refused pin
    never stops the champion from scoring. -#}
{% test pins_accepted(model) %}

with told as (

    select
        count(*) as failure_count,
        string_agg(
            concat(
                'The pin of ', model_name, ' to version ', version, ' is refused, as ', refusal,
                ': its champion stays; correct model_pins.csv.'
            ),
            ' '
            order by model_name asc
        ) as message
    from {{ model }}

)

select message
from told
where failure_count > 0 and {{ warehouse_ml.raise_error('message') }}

{% endtest %}
