{#- The children of generate_features with all that is known of them, as a list of mappings of relation, name, keys (spine
    column -> child column), event_at, known_at, id, values (name -> SQL), generated (values made from its own children),
    windows, functions, needs_latest and children. A child related in several ways is in the list as often.
    spine, children: as there · usual: windows and functions of those that name none · problems: list to collect in ·
    depth: 1 for children of the spine. -#}
{% macro _related_children(spine, children, usual, problems, depth) -%}
    {%- set allowed_keys = [
        'child', 'keys', 'event_at', 'known_at', 'values', 'id', 'name', 'windows', 'functions', 'children'
    ] -%}
    {%- set related = [] -%}
    {%- for entry in children -%}
        {#- A relation of dbt is a mapping too. -#}
        {%- set settings = {'child': entry} if entry is string or entry.identifier is defined else entry -%}
        {%- for key in settings if key not in allowed_keys -%}
            {%- do problems.append(
                "Unknown key " ~ key ~ " of a child: keys are " ~ allowed_keys | join(', ') ~ "; correct or remove it."
            ) -%}
        {%- endfor -%}
        {%- if 'child' not in settings -%}
            {%- do problems.append("The relation of a child is missing: write {'child': ref('<model>')}.") -%}
        {%- else -%}
            {%- do related.extend(warehouse_ml._related_child(spine, settings, usual, problems, depth)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set names = related | map(attribute='name') | list -%}
    {%- for name in names | unique if names | select('equalto', name) | list | length > 1 -%}
        {%- do problems.append("Two children are called " ~ name ~ ": names must differ; give one another name.") -%}
    {%- endfor -%}
    {{ return(related) }}
{%- endmacro %}


{#- One child, once for each way in which it is related.
    settings: its mapping · others: as in _related_children. -#}
{% macro _related_child(spine, settings, usual, problems, depth) -%}
    {%- set relation = settings.child -%}
    {%- set base = relation.identifier or relation -%}
    {%- set node = warehouse_ml._node_of(relation) -%}
    {%- set block = node.config.meta.feature_view if node and node.config.meta.feature_view else {} -%}
    {%- set windows = settings.windows or usual.windows -%}
    {%- set described = {
        'relation': relation,
        'event_at': settings.event_at or block.event_at or ('event_at' if block else none),
        'known_at': settings.known_at or block.known_at or ('known_at' if block else none),
        'id': settings.id,
        'windows': windows if windows is mapping else {},
        'functions': settings.functions or usual.functions,
        'generated': [],
        'children': [],
    } -%}
    {%- set ways = warehouse_ml._ways_related(spine, settings, node, block) -%}
    {%- set clocks = [described.event_at, described.known_at] -%}
    {%- set grain = clocks + [settings.id] -%}
    {%- for keys in ways -%}{%- do grain.extend(keys.values()) -%}{%- endfor -%}
    {%- set values = {} -%}
    {%- if settings.get('values') is mapping -%}
        {%- do values.update(settings['values']) -%}
    {%- elif 'values' in settings -%}
        {%- for column in settings['values'] or [] if settings['values'] is not string -%}{%- do values.update({column: warehouse_ml._quoted(column)}) -%}{%- endfor -%}
    {%- elif block -%}
        {%- for column in node.columns.values() if column.name not in grain and warehouse_ml._may_be_number(column) -%}
            {%- do values.update({column.name: warehouse_ml._quoted(column.name)}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set forms = {'values': settings.get('values', []), 'windows': windows, 'functions': described.functions} -%}
    {%- do warehouse_ml._check_child_forms(base, forms, problems) -%}
    {%- do warehouse_ml._check_child(base, settings, described, ways, block, problems, depth) -%}
    {%- if settings.children and depth == 1 -%}
        {%- do described.update({
            'children': warehouse_ml._related_children(relation, settings.children, usual, problems, depth + 1)
        }) -%}
        {%- if described.event_at -%}
            {%- for grandchild in described.children -%}
                {%- for feature in warehouse_ml._child_features(grandchild) -%}
                    {%- do described.generated.append(feature.name) -%}
                    {%- do values.update({feature.name: warehouse_ml._quoted(feature.name)}) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    {%- set related = [] -%}
    {%- for keys in ways -%}
        {%- set by = keys.values() | join('_and_') ~ ('' if keys.keys() | list == keys.values() | list else '_of_' ~ keys.keys() | join('_and_')) -%}
        {%- set name = settings.name if settings.name and ways | length == 1 else (settings.name or base) ~ '_by_' ~ by -%}
        {%- do related.append(dict(
            described,
            name=name,
            keys=keys,
            values=values,
            needs_latest='time_since' in described.functions or ('last' in described.functions and values),
        )) -%}
    {%- endfor -%}
    {{ return(related) }}
{%- endmacro %}


{#- Collects what of a child is no list or no mapping where one must be.
    base: its name · forms: its values, windows and functions as they are written · problems: list to collect in. -#}
{% macro _check_child_forms(base, forms, problems) -%}
    {%- set wanted = {
        'values': "a list of columns, or a mapping of name to expression",
        'windows': "a mapping of name to length, such as {'7d': '7 day'}",
        'functions': "a list, such as ['count']",
    } -%}
    {%- for part, form in forms.items() if form is string or form is not iterable or (part == 'windows' and form is not mapping) -%}
        {%- do problems.append(
            part | capitalize ~ " of " ~ base ~ " is " ~ form ~ ": it must be " ~ wanted[part] ~ "."
        ) -%}
    {%- endfor -%}
{%- endmacro %}


{#- Collects what is wrong with a child.
    base: its name · described: what is known of it · ways: its keys · others: as in _related_child. -#}
{% macro _check_child(base, settings, described, ways, block, problems, depth) -%}
    {%- if not ways -%}
        {%- do problems.append(
            "Child " ~ base ~ " is not related to the spine: no columns of both are declared to refer to the same thing; "
            ~ "write keys, or add tests relationships or refers_to."
        ) -%}
    {%- endif -%}
    {%- if not (described.event_at and described.known_at) -%}
        {%- do problems.append(
            "Child " ~ base ~ " lacks a clock: event_at is " ~ (described.event_at or 'missing') ~ " and known_at is "
            ~ (described.known_at or 'missing') ~ "; name the columns that say when a row was true and when it was known."
        ) -%}
    {%- endif -%}
    {%- if not block and 'values' not in settings -%}
        {%- do problems.append(
            "The values of child " ~ base ~ " are missing: some of its columns may not be known by known_at; "
            ~ "write values, [] for counts alone, or declare it as a feature view."
        ) -%}
    {%- endif -%}
    {%- for name, length in described.windows.items() if length and not warehouse_ml._is_span(length) -%}
        {%- do problems.append(
            "Window " ~ name ~ " of " ~ base ~ " is '" ~ length ~ "': it must be a number above 0 and a unit (second, minute, hour, day "
            ~ "or week), such as '7 day', or none for all time."
        ) -%}
    {%- endfor -%}
    {%- for function in described.functions if described.functions is not string and function not in ['count', 'mean', 'last', 'time_since', 'trend'] -%}
        {%- do problems.append(
            "Unknown function " ~ function ~ " of " ~ base ~ ": functions are count, mean, last, time_since, trend; correct it."
        ) -%}
    {%- endfor -%}
    {%- if settings.children and depth > 1 -%}
        {%- do problems.append(
            base ~ " is a child of a child and has children of its own: features go two tables deep at most; make a model of it."
        ) -%}
    {%- endif -%}
{%- endmacro %}


{#- Whether a column may hold numbers: by its declared type, or as none is declared.
    column: of a node of the graph. -#}
{% macro _may_be_number(column) -%}
    {%- set kind = (column.data_type or 'double') | lower -%}
    {{ return(modules.re.match('(u?(tiny|small|big|huge)?int|integer|uinteger|float|double|real|decimal|numeric|bool)', kind) is not none) }}
{%- endmacro %}
