{#- The rules of a raw contract, each a mapping: name, dimension (completeness, accuracy or validity), reason (what
    must hold) and breaks, the SQL that is true where a row breaks it. The reader of CSV files finds some on its own; they have
    no SQL. A condition that is null is kept, as in a check constraint; `required` is for what must not be null.
    contract: as raw_contract() gives it. -#}
{% macro _raw_rules(contract) -%}
    {%- set rules = [
        {'name': 'too_few_values', 'dimension': 'completeness', 'reason': 'a line must have a value for every column'},
        {'name': 'too_many_values', 'dimension': 'validity', 'reason': 'a line must have no more values than columns'},
    ] -%}
    {%- for column in (contract.key + contract.required) | unique -%}
        {%- do rules.append({
            'name': 'required_' ~ column, 'dimension': 'completeness', 'reason': column ~ ' must have a value',
            'breaks': warehouse_ml._quoted('original_' ~ column if column in contract.casts else column) ~ ' is null',
        }) -%}
    {%- endfor -%}
    {%- for column, type in contract.declared_types.items() if not warehouse_ml._is_text(type) -%}
        {%- set rule = {
            'name': 'type_' ~ column, 'dimension': 'validity', 'reason': column ~ ' must be of type ' ~ type,
        } -%}
        {%- if column in contract.casts -%}
            {%- set original = warehouse_ml._quoted('original_' ~ column) -%}
            {%- do rule.update({'breaks': warehouse_ml._is_misread(original, type, warehouse_ml._quoted(column))}) -%}
        {%- endif -%}
        {%- do rules.append(rule) -%}
    {%- endfor -%}
    {%- for column, range in contract.ranges.items() -%}
        {%- set bounds = [] -%}
        {%- set breaks = [] -%}
        {%- if 'min' in range -%}
            {%- do bounds.append('at least ' ~ range.min) -%}
            {%- do breaks.append(warehouse_ml._quoted(column) ~ ' < ' ~ range.min) -%}
        {%- endif -%}
        {%- if 'max' in range -%}
            {%- do bounds.append('at most ' ~ range.max) -%}
            {%- do breaks.append(warehouse_ml._quoted(column) ~ ' > ' ~ range.max) -%}
        {%- endif -%}
        {%- do rules.append({
            'name': 'range_' ~ column, 'dimension': 'accuracy', 'reason': column ~ ' must be ' ~ bounds | join(' and '),
            'breaks': breaks | join(' or '),
        }) -%}
    {%- endfor -%}
    {%- for rule in contract.rules -%}
        {%- for column in rule.get('columns', ['']) -%}
            {%- do rules.append({
                'name': rule.name ~ ('_' ~ column if column else ''), 'dimension': 'accuracy',
                'reason': rule.reason | replace('{column}', column),
                'breaks': 'not (' ~ rule.condition | replace('{column}', warehouse_ml._quoted(column)) ~ ')',
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for column, to in contract.references.items() -%}
        {%- set named = [to] if to is string else to -%}
        {%- do rules.append({
            'name': 'reference_' ~ column, 'dimension': 'validity',
            'reason': column ~ ' must be in ' ~ named | join(' or '),
            'breaks': 'checked_row.' ~ warehouse_ml._quoted(column) ~ ' is not null and referred_' ~ loop.index
                ~ '.raw_value is null',
        }) -%}
    {%- endfor -%}
    {%- if contract.key -%}
        {%- set key = contract.key | join(', ') -%}
        {%- do rules.append({
            'name': 'repeated_row', 'dimension': 'validity',
            'reason': 'a row must not be there twice; the first one is kept',
        }) -%}
        {%- do rules.append({
            'name': 'conflicting_key', 'dimension': 'validity',
            'reason': 'rows of the same ' ~ key ~ ' must not differ; none of them is kept',
        }) -%}
    {%- endif -%}
    {{ return(rules) }}
{%- endmacro %}
