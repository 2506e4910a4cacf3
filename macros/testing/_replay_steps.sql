{#- Renders a model again, after the models that it reads, each once.
    node: the model's node in the graph · steps: mapping of nodes' ids to their CTEs, which it fills. -#}
{% macro _replay_steps(node, steps) -%}
    {%- if node.language != 'sql' or node.config.materialized not in ['view', 'table', 'incremental', 'ephemeral'] -%}
        {%- do warehouse_ml._refuse_replay(
            node, 'is a ' ~ (node.config.materialized if node.language == 'sql' else 'Python model')
        ) -%}
    {%- endif -%}
    {%- set reads = {} -%}
    {%- set this_one = warehouse_ml._replayed_relation(node) -%}
    {%- do context.update({'this': this_one, 'replayed_reads': reads}) -%}
    {%- set query = warehouse_ml._rendered_in_package(node) | trim -%}
    {%- if this_one | string in query -%}
        {%- do warehouse_ml._refuse_replay(node, 'reads its own rows') -%}
    {%- endif -%}
    {%- do warehouse_ml._refuse_bare_names(node, query) -%}
    {%- for read in reads.values() if read.unique_id not in steps -%}
        {%- do warehouse_ml._replay_steps(read, steps) -%}
    {%- endfor -%}
    {%- do steps.update({node.unique_id: this_one ~ ' as (\n\n' ~ query ~ '\n\n)'}) -%}
{%- endmacro %}


{#- The query of a model, rendered where macros of the model's package go by their bare names, as when dbt builds it. Its
    vars are those of the test's project.
    node: the model's node in the graph. -#}
{% macro _rendered_in_package(node) -%}
    {%- set is_foreign = node.package_name != context['model'].package_name -%}
    {%- set kept = {} -%}
    {%- for name, macro in (context[node.package_name] if is_foreign else {}).items() if name != 'ref' -%}
        {%- do kept.update({name: context.get(name)}) -%}
        {%- do context.update({name: macro}) -%}
    {%- endfor -%}
    {%- set query = render(node.raw_code) -%}
    {%- do context.update(kept) -%}
    {%- for name in kept if kept[name] is none -%}
        {%- do context.pop(name) -%}
    {%- endfor -%}
    {{ return(query) }}
{%- endmacro %}


{#- Refuses a query that reads the table of a model by its name, for what is in it past the cutoff would go unseen.
    Names in texts and comments read nothing.
    node: the model's node in the graph · query: its SQL. -#}
{% macro _refuse_bare_names(node, query) -%}
    {%- set code = modules.re.sub("'[^']*'|--[^\n]*|/\*.*?\*/", ' ', query, flags=modules.re.DOTALL) -%}
    {%- for read in graph.nodes.values() if read.resource_type == 'model' and read.name not in context['replayed_as_built'] -%}
        {%- set names = [] -%}
        {%- for name in (read.database, read.schema, read.alias) -%}
            {%- do names.append('"?' ~ modules.re.escape(name) ~ '"?') -%}
        {%- endfor -%}
        {%- set pattern = '\\b(from|join)\s+(' ~ names[0] ~ '\.)?' ~ names[1] ~ '\.' ~ names[2] ~ '(?![\w".])' -%}
        {%- if modules.re.search(pattern, code, modules.re.IGNORECASE) -%}
            {{ exceptions.raise_compiler_error(
                "replays_as_of must render " ~ node.name ~ " again as of the cutoff with all that it reads, but it reads the table of "
                ~ read.name ~ " by its name: write ref('" ~ read.name ~ "') in its place."
            ) }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
