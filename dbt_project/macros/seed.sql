{#- warehouse-ml loads the seeds and refuses a broken file in one sentence; dbt asks the building project only. -#}
{% materialization seed, adapter='duckdb' %}
    {{ return(warehouse_ml.materialization_seed_duckdb()) }}
{% endmaterialization %}


{% materialization seed, adapter='warehouse_ml_spark' %}
    {{ return(warehouse_ml.materialization_seed_warehouse_ml_spark()) }}
{% endmaterialization %}
