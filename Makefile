# The environment lies in .venv, exactly as locked in requirements/. PYTHON names the interpreter it is made with.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP_INSTALL := $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --use-pep517
COMPILE := $(BIN)/uv pip compile --quiet --universal --upgrade --python-version 3.11 --generate-hashes --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help build build-spark publish test packages test-long test-spark lint docs report orchestrators bench bench-short replay reference screenshots lock

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

build: .venv/runtime ## Make the environment and build the warehouse: marts, features, model, predictions
	$(BIN)/dbt build

build-spark: .venv/spark ## Build the same on Apache Spark, in this process: spark-warehouse/
	$(BIN)/dbt build --target spark

publish: .venv/runtime ## Put a read-only copy of the warehouse in place for readers: published/
	$(BIN)/warehouse-ml publish

test: .venv/dev ## Run every check: linters, types and tests
	$(MAKE) --no-print-directory --jobs=2 lint packages
	OMP_WAIT_POLICY=passive $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# Debian's packages come one after another, while linters run.
packages:
	@MAKEFLAGS= $(MAKE) --no-print-directory .venv/browser .venv/prometheus .venv/postgres .venv/spark

lint: .venv/dev ## Check style, types, SQL and dbt's own warnings
	@$(BIN)/pre-commit run --all-files mypy & types=$$!; SKIP=mypy $(BIN)/pre-commit run --all-files; others=$$?; \
		wait $$types && exit $$others

docs: .venv/runtime ## Write the lineage site, one file: target/static_index.html
	$(BIN)/dbt docs generate --static

report: .venv/runtime ## Write a site with a card for every model: target/report/index.html
	$(BIN)/dbt --quiet parse
	$(BIN)/warehouse-ml report

orchestrators: .venv/dev ## Run what the pages on Dagster and Airflow show, with both installed for it
	$(BIN)/pytest tests/orchestrators

test-long: .venv/dev ## Run the sweeps of which make test runs a part: a year of flights, ten increments, every table
	OMP_WAIT_POLICY=passive $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder tests/long

test-spark: .venv/spark ## Run what takes long on Apache Spark: features, monitors, flights, contracts, Spark Connect, executors, faults
	OMP_WAIT_POLICY=passive $(BIN)/pytest tests/spark_long

bench: .venv/dev ## Measure builds, training, scoring, monitoring and features beside peers, and try exports on many more models
	rm -f target/ratios_full.json
	$(BIN)/python benchmarks/build_time.py
	$(BIN)/python benchmarks/train_time.py
	$(BIN)/python benchmarks/many_models.py
	$(BIN)/python benchmarks/defaults.py
	$(BIN)/python benchmarks/score_time.py --cold --stream 100000000
	$(BIN)/python benchmarks/sql_form.py
	$(BIN)/python benchmarks/monitoring.py
	$(BIN)/python benchmarks/point_in_time.py
	$(BIN)/python benchmarks/rolling.py
	$(BIN)/python benchmarks/feature_gain.py
	$(BIN)/pytest -q --hypothesis-profile sweep tests/unit/test_export_lightgbm_objectives.py
	$(BIN)/python benchmarks/ratios.py

bench-short: export BENCHMARK := short
bench-short: .venv/dev ## Measure fewer rows beside peers, in about two minutes, and compare with the last release
	rm -f target/ratios_short.json
	$(BIN)/python benchmarks/train_time.py
	$(BIN)/python benchmarks/score_time.py
	$(BIN)/python benchmarks/sql_form.py
	$(BIN)/python benchmarks/point_in_time.py
	$(BIN)/python benchmarks/rolling.py
	$(BIN)/python benchmarks/ratios.py

replay: .venv/dev ## Play 2013 month by month with a retrain policy, and write the tables and picture of docs/retraining.md
	$(BIN)/python benchmarks/replay.py

reference: .venv/dev ## Write docs/reference: the YAML blocks, the macros and the generic tests
	$(BIN)/python docs/reference/write.py
	$(BIN)/python docs/reference/write_macros.py

screenshots: .venv/browser ## Make the pictures of docs/report.md anew
	WAREHOUSE_ML_SCREENSHOTS=docs/images $(BIN)/pytest tests/functional/test_report.py

lock: .venv/dev ## Resolve requirements/*.txt anew from pyproject.toml
	echo 'setuptools>=80' | $(COMPILE) --output-file requirements/build.txt -
	$(COMPILE) --all-extras --output-file requirements/dev.txt pyproject.toml
	$(COMPILE) --extra dbt --extra training --extra report --extra flights --constraints requirements/dev.txt \
		--output-file requirements/runtime.txt pyproject.toml

.venv/runtime: requirements/build.txt requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "warehouse-ml needs Python 3.11 or newer, but $(PYTHON) is older: run make PYTHON=python3.11 build."; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP_INSTALL) --require-hashes -r requirements/build.txt
	$(PIP_INSTALL) --require-hashes -r requirements/runtime.txt
	$(PIP_INSTALL) --editable .
# LightGBM takes OpenMP from the system.
	@$(BIN)/python -c 'import lightgbm' 2>/dev/null \
		|| { apt-get update -qq && apt-get install -qq -y libgomp1 >/dev/null && $(BIN)/python -c 'import lightgbm'; } \
		|| { echo "LightGBM needs the library libgomp, which is not here: install libgomp1 and run again."; exit 1; }
	@touch $@

.venv/dev: requirements/dev.txt .venv/runtime
	$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

# The tests open the lineage site and the report in a real browser, which Playwright of requirements/dev.txt drives.
.venv/browser: .venv/dev
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qq -y chromium >/dev/null; } \
		|| { echo "The tests open sites in Chromium, which is not here: install it as 'chromium' and run again."; exit 1; }
	@touch $@

# pyspark carries Spark; it runs on Java.
.venv/spark: .venv/dev
	@command -v java >/dev/null || { apt-get update -qq \
		&& apt-get install -qq -y --no-install-recommends openjdk-17-jre-headless >/dev/null; } \
		|| { echo "Apache Spark runs on Java 17 or newer, which is not here: install openjdk-17-jre-headless and run again."; exit 1; }
	@touch $@

# The tests let a real Prometheus scrape the metrics of a build.
.venv/prometheus: .venv/dev
	@{ command -v prometheus && command -v prometheus-node-exporter; } >/dev/null || { apt-get update -qq \
		&& apt-get install -qq -y --no-install-recommends prometheus prometheus-node-exporter >/dev/null; } \
		|| { echo "The tests run Prometheus and its node exporter, which are not here: install both and run again."; exit 1; }
	@touch $@

# The tests read raw tables of a real Postgres, which Debian keeps off the path.
.venv/postgres: .venv/dev
	@{ command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1 || { apt-get update -qq \
		&& apt-get install -qq -y --no-install-recommends postgresql >/dev/null; } \
		|| { echo "The tests run a Postgres server, which is not here: install postgresql and run again."; exit 1; }
	@touch $@
