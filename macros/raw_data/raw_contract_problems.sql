{#- What is wrong with the contract of a raw table: a list of texts that go on after `the contract of <table>`.
    table: name as raw_tables() gives it · tables: names of all. -#}
{% macro raw_contract_problems(table, tables) -%}
    {%- set problems = [] -%}
    {%- set node = warehouse_ml.raw_node(table) -%}
    {%- set declared = node.config.meta.get('raw_contract') if node else none -%}
    {%- if not declared -%}
        {{ return(['is empty: write such as {key: [<column>], max_bad_share: 0.01}']) }}
    {%- elif declared is not mapping -%}
        {{ return(['must be a mapping, such as {key: [<column>], max_bad_share: 0.01}, but found ' ~ declared]) }}
    {%- endif -%}
    {%- set known = [
        'like', 'types', 'key', 'required', 'ranges', 'references', 'rules', 'max_bad_share', 'max_bad_share_by_rule',
        'min_score', 'weights'
    ] -%}
    {%- for name in declared if name not in known -%}
        {%- do problems.append("has the unknown key '" ~ name ~ "': use one of " ~ known | join(', ')) -%}
    {%- endfor -%}
    {%- set model = warehouse_ml.raw_node(declared.like) -%}
    {%- if declared.like and not (model and model.config.meta.get('raw_contract')) -%}
        {%- do problems.append("is like '" ~ declared.like ~ "', which is no seed with a contract: name one") -%}
    {%- endif -%}
    {%- if node.resource_type == 'seed' and 'types' in declared -%}
        {%- do problems.append('gives types, but a seed is typed as it is loaded: write them in its column_types') -%}
    {%- endif -%}
    {%- if not (node.columns or node.config.column_types) -%}
        {%- do problems.append(
            'is of a table without columns: describe them under ' ~ ('columns' if node.resource_type == 'source' else 'column_types')
        ) -%}
    {%- endif -%}
    {%- set misshapen = warehouse_ml._misshapen_parts(declared) -%}
    {%- if misshapen -%}
        {{ return(problems + misshapen) }}
    {%- endif -%}

    {%- set contract = warehouse_ml.raw_contract(table) -%}
    {%- set named = {'types': contract.casts, 'rules': []} -%}
    {%- for part in ('key', 'required', 'ranges', 'references') -%}{%- do named.update({part: contract[part]}) -%}{%- endfor -%}
    {%- for rule in contract.rules -%}{%- do named.rules.extend(rule.get('columns', [])) -%}{%- endfor -%}
    {%- for part, columns in named.items() -%}
        {%- for column in columns if column not in contract.columns -%}
            {%- do problems.append(
                'names in ' ~ part ~ " the column '" ~ column ~ "', which it does not have: its columns are "
                ~ warehouse_ml.first_of(contract.columns)
            ) -%}
        {%- endfor -%}
    {%- endfor -%}

    {%- for column, range in contract.ranges.items()
            if not range is mapping or not range or range | reject('in', ['min', 'max']) | list
            or range.values() | reject('number') | list -%}
        {%- do problems.append('must give ' ~ column ~ ' a range of min, max or both, numbers, but found ' ~ range) -%}
    {%- endfor -%}
    {%- for column, to in contract.references.items() -%}
        {%- for referred in ([to] if to is string else to) -%}
            {%- set names = referred.rsplit('.', 1) -%}
            {%- if names | length < 2 or names[0] not in tables -%}
                {%- do problems.append(
                    'refers from ' ~ column ~ ' to ' ~ referred ~ ', but must refer to <table>.<column> of a table with a '
                    ~ 'contract: ' ~ tables | reject('equalto', table) | join(', ')
                ) -%}
            {%- elif names[1] | lower not in ((warehouse_ml.raw_contract(names[0]).columns or names) | map('lower')) -%}
                {%- do problems.append(
                    'refers from ' ~ column ~ ' to ' ~ referred ~ ', a column that is not there: those of ' ~ names[0]
                    ~ ' are ' ~ warehouse_ml.first_of(warehouse_ml.raw_contract(names[0]).columns)
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for rule in contract.rules if not (rule.name and rule.condition and rule.reason) -%}
        {%- do problems.append('has a rule without name, condition or reason (' ~ rule ~ '): give it all three') -%}
    {%- endfor -%}

    {%- set shares = {'max_bad_share': contract.max_bad_share, 'min_score': contract.min_score} -%}
    {%- do shares.update(contract.max_bad_share_by_rule) -%}
    {%- for name, share in shares.items() if not share is number or share < 0 or share > 1 -%}
        {%- do problems.append('must give ' ~ name ~ ' a share from 0 to 1, but found ' ~ share) -%}
    {%- endfor -%}
    {%- set dimensions = ['completeness', 'accuracy', 'validity'] -%}
    {%- if contract.weights | sort != dimensions | sort or contract.weights.values() | reject('number') | list
            or contract.weights.values() | select('lt', 0) | list or contract.weights.values() | sum <= 0 -%}
        {%- do problems.append(
            'must weigh completeness, accuracy and validity with numbers from 0 up, not all of them 0, but found '
            ~ contract.weights
        ) -%}
    {%- endif -%}
    {%- if not problems and table in warehouse_ml._referred_tables(table) -%}
        {%- do problems.append('refers to itself by way of ' ~ warehouse_ml._referred_tables(table) | join(', ') ~ ': break the circle') -%}
    {%- endif -%}
    {%- if not problems -%}
        {%- set rules = warehouse_ml.raw_rules(contract) | map(attribute='name') | list -%}
        {%- for name in contract.max_bad_share_by_rule if name not in rules -%}
            {%- do problems.append(
                "has a threshold for the rule '" ~ name ~ "', which it does not have: its rules are " ~ warehouse_ml.first_of(rules)
            ) -%}
        {%- endfor -%}
        {%- for name in rules if rules.count(name) > 1 and loop.index0 == rules.index(name) -%}
            {%- do problems.append("has two rules of the name '" ~ name ~ "': rename one") -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}


{#- What of a contract is no list or no mapping where one must be: a list of texts as above.
    declared: the contract as it is written. -#}
{% macro _misshapen_parts(declared) -%}
    {%- set problems = [] -%}
    {%- for part in ('types', 'ranges', 'references', 'max_bad_share_by_rule', 'weights')
            if part in declared and declared[part] is not mapping -%}
        {%- do problems.append('must give ' ~ part ~ ' as a mapping, but found ' ~ declared[part]) -%}
    {%- endfor -%}
    {%- set lists = {} -%}
    {%- for part in ('key', 'required', 'rules') if part in declared -%}{%- do lists.update({part: declared[part]}) -%}{%- endfor -%}
    {%- if declared.rules is sequence and declared.rules is not string and declared.rules is not mapping -%}
        {%- for rule in declared.rules if rule is not mapping -%}
            {%- do problems.append('must give each of its rules as a mapping, but found ' ~ rule) -%}
        {%- endfor -%}
        {%- for rule in declared.rules if rule is mapping and 'columns' in rule -%}
            {%- do lists.update({'the columns of the rule ' ~ rule.name: rule['columns']}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for part, listed in lists.items() if listed is string or listed is mapping or listed is not sequence -%}
        {%- do problems.append('must give ' ~ part ~ ' as a list, but found ' ~ listed) -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
