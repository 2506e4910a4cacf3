with versions as (

    {% for name in ml_models() %}
    select
        model_name,
        version,
        task,
        label,
        estimator,
        params,
        seed,
        training_snapshot.rows as training_rows,
        data_fingerprint,
        config_hash,
        code_version,
        parity.max_absolute_difference as parity_absolute_difference,
        parity.max_relative_difference as parity_relative_difference,
        parity.rows_compared as parity_rows,
        training_seconds,
        peak_memory_bytes,
        octet_length(artifact) as artifact_bytes,
        artifact_sha256,
        dbt_invocation_id,
        training_snapshot.cutoff as trained_until_at,
        created_at
    from {{ ref(project_name, name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from versions
