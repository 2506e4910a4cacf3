{#- Seeds of every project are loaded by the dbt package: dbt-spark would write texts into a statement as they are, and an empty one
    as the word None. A project may have a materialization of its own. -#}
{% materialization seed, adapter='warehouse_ml_spark' %}
    {%- if warehouse_ml is not defined -%}
        {{ exceptions.raise_compiler_error(
            'The seed ' ~ model.name ~ ' cannot be loaded on Spark without the dbt package warehouse_ml, which this project does not '
            ~ 'have: run `warehouse-ml package`, name the link that it makes in packages.yml, and run `dbt deps`.'
        ) }}
    {%- endif -%}
    {{ return(warehouse_ml.materialization_seed_warehouse_ml_spark()) }}
{% endmaterialization %}
