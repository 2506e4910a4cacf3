with rolled as (

    {{ warehouse_ml.rolling_aggregate(
        relation=ref('visits'),
        keys='shop_id',
        at='known_at',
        measures={
            'visits': {'count': '*'},
            'timed': {'count': 'minutes'},
            'total': {'sum': 'minutes'},
            'mean': {'mean': 'minutes'},
            'shortest': {'min': 'minutes'},
            'longest': {'max': 'minutes'},
            'spread': {'std': 'minutes'},
            'long_share': {'rate': 'minutes >= 25'},
            'last': {'last': 'minutes'},
            'since_visit': {'time_since': '*'},
            'since_timed': {'time_since': 'minutes', 'windows': ['1d']},
        },
        windows={'1h': '1 hour', '1d': '1 day'}
    ) | indent(4) }}

)

select * from rolled
