{#- An error where a label is none of the classes that the version was trained on: metrics would count it as the negative one. Of
    several classes a new one may come up, and counts as wrongly predicted; it is an error that no label at all is known.
    spec: what the monitor measures (_monitor_spec) · rows: name of the temporary table of _monitored_scores. -#}
{% macro _check_labels(spec, rows) -%}
    {%- if spec.label_text -%}
        {%- set counted = run_query(
            'select count(*) filter (where not is_known), count(*) filter (where is_known), any_value(names) from ('
            ~ 'select list_contains(list_concat(classes, ' ~ spec.known_labels ~ '), __text) as is_known, '
            ~ "coalesce(nullif(array_to_string(classes, ', '), ''), '0, 1') as names "
            ~ 'from (select __version, ' ~ spec.label_text ~ ' as __text from ' ~ rows ~ " where __role <> 'shadow') as labels "
            ~ 'inner join (select version, signature.classes as classes from ' ~ spec.versions ~ ') as versions on version = __version '
            ~ 'where __text is not null) as checked'
        ).rows[0] -%}
        {%- if counted[0] and not (spec.task == 'multiclass' and counted[1]) -%}
            {{ exceptions.raise_compiler_error(
                'The label ' ~ spec.label ~ ' of monitor ' ~ this.identifier ~ ' must be one of the classes that model ' ~ spec.model
                ~ ' was trained on (' ~ counted[2] ~ '), or null until it is known, but ' ~ counted[0]
                ~ ' rows have another value: correct the column in the query of the monitor.'
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- An error where the query of a monitor gave other rows each time that it was read, so that nothing that is counted would be true.
    rows, features, bins: names of the temporary tables of _monitored_scores, _monitored_features and _binned_rows. -#}
{% macro _check_counts(rows, features, bins) -%}
    {%- set differing = run_query(
        'select count(*) from (select feature_number, sum(row_count) as counted from ' ~ bins ~ ' where bin is not null group by 1) as sums '
        ~ 'inner join ' ~ features ~ ' as features using (feature_number) '
        ~ 'inner join (select __version, count(*) as expected from ' ~ rows ~ ' group by 1) as totals on version = __version '
        ~ 'where counted <> expected'
    ).rows[0][0] -%}
    {%- if differing -%}
        {{ exceptions.raise_compiler_error(
            'The query of monitor ' ~ this.identifier ~ ' must give the same rows each time that it is read, but ' ~ differing
            ~ ' features have other numbers of rows than the predictions: sample by a hash of the key, and not by chance.'
        ) }}
    {%- endif -%}
{%- endmacro %}


{#- An error where columns of the query have other types than the features that the model was trained on.
    spec: what the monitor measures (_monitor_spec) · features: name of the temporary table of _monitored_features. -#}
{% macro _check_feature_types(spec, features) -%}
    {%- set types = {} -%}
    {%- for name, type in spec.columns.items() -%}{%- do types.update({name | lower: type}) -%}{%- endfor -%}
    {%- set problems = [] -%}
    {%- set trained = run_query(
        "select distinct feature, type from " ~ features ~ " where kind = 'feature' and type <> 'category' order by 1"
    ) -%}
    {%- for feature in trained.rows if feature[0] | lower in types -%}
        {%- set type = types[feature[0] | lower] -%}
        {%- set is_list = type.endswith(']') -%}
        {%- set is_instant = not is_list and (type == 'DATE' or type.startswith('TIMESTAMP')) -%}
        {%- set is_number = not is_list and (
            type in ('FLOAT', 'DOUBLE', 'BOOLEAN', '"NULL"') or type.endswith('INT') or type.endswith('INTEGER') or type.startswith('DECIMAL')
        ) -%}
        {%- if not (is_instant if feature[1] == 'instant' else is_number) -%}
            {%- do problems.append(
                'Monitor ' ~ this.identifier ~ " needs " ~ {'instant': 'a date or timestamp', 'number': 'a number'}[feature[1]] ~ " in column '"
                ~ feature[0] ~ "': model " ~ spec.model ~ " was trained so, but the column's type is " ~ type
                ~ '; cast it the way the training query did.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if problems -%}
        {{ exceptions.raise_compiler_error(problems | join('\n')) }}
    {%- endif -%}
{%- endmacro %}
