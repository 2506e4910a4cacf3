{#- No forecast passes a limit; the rows of the model resource_forecast that do are its failures. -#}
{% test forecast_within_limits(model) %}

select
    unique_id,
    warning
from {{ model }}
where warning is not null

{% endtest %}
