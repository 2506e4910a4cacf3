with versions as (

    select * from {{ _versions_of_all(
        ['task', 'label', 'estimator', 'params', 'split.method as split_method', 'weight_column', 'seed', 'training_snapshot.rows as training_rows', 'len(signature.features) as feature_count', 'coalesce(nullif(len(feature_selection), 0), len(signature.features)) as offered_feature_count', 'len(tuning_trials) as trial_count', 'changes', 'data_fingerprint', 'config_hash', 'code_version', 'champion_version', 'parity.max_absolute_difference as parity_absolute_difference', 'parity.max_relative_difference as parity_relative_difference', 'parity.largest_allowed as parity_largest_allowed', 'parity.rows_compared as parity_rows', 'training_seconds', 'peak_memory_bytes', 'octet_length(artifact) as artifact_bytes', 'artifact_sha256', 'dbt_invocation_id', 'pruned_by', 'training_snapshot.cutoff as trained_until_at', 'pruned_at', 'created_at']
    ) | indent(4) }}

)

select * from versions
