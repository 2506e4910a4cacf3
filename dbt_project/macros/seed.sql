{#- warehouse-ml loads the seeds and rejects a broken file; dbt asks only the project that is built.
    On Spark the adapter has a materialization of its own, which does the same. -#}
{% materialization seed, adapter='duckdb' %}
    {{ return(warehouse_ml.materialization_seed_duckdb()) }}
{% endmaterialization %}
