# For developers and for a first look. Needs make and Python 3.10 or newer, nothing else.
#
#   make demo                 the example site with real forms, a practice org and its leads
#   make demo ARGS=--once     the same, but it ends after the table of leads
#   make test                 all tests on SQLite; ARGS="tests/mapping -q" runs some of them
#   make test-postgres        all tests on PostgreSQL (PGHOST, PGPORT, PGUSER, PGPASSWORD)
#   make test-mysql           the tests that databases matter most to, on MySQL or MariaDB
#                             (MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD)
#   make test-lowest          all tests with the lowest supported versions
#   make lint                 style, types, import contracts, migrations
#   make bench                the benchmarks, printed as JSON
#   make torture              kills and disturbs the replicator for ten minutes at most, and proves
#                             that nothing is lost; ARGS="--campaign kills --seed 2"
#   make clean                removes everything that the targets above have made
#
# Each target makes the virtual environment it needs, once. PYTHON=/path/to/python3 chooses the
# interpreter; otherwise the first one found that is new enough is taken.

ARGS ?=
WORKERS ?= 2
MYSQL_TESTS ?= tests/jobs $(addprefix tests/contacts/test_, concurrency.py merge.py \
    merge_concurrency.py erase.py capture.py forms.py forms_past.py import.py import_work.py \
    bulk.py collisions.py) \
    $(addprefix tests/scoring/test_, concurrency.py collisions.py update.py recalculate.py) \
    $(addprefix tests/replication/test_, collisions.py record.py lease.py workers_claims.py)
VENV ?= .venv
DEMO_VENV ?= .venv-demo
LOWEST_VENV ?= .venv-lowest
PYTHONS := $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python3.10)
PIP := -m pip --disable-pip-version-check install --quiet

.PHONY: help demo test test-postgres test-mysql test-lowest lint bench torture clean

help:
	@sed -n 's/^#   //p' Makefile

demo: $(DEMO_VENV)/.ready-demo
	$(DEMO_VENV)/bin/python example_site/manage.py demo $(ARGS)

test: $(VENV)/.ready-test
	$(VENV)/bin/lint-imports
	$(VENV)/bin/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

test-postgres: $(VENV)/.ready-test $(VENV)/.ready-postgres
	user=$$($(VENV)/bin/python .ci/postgres.py) && \
	PGUSER=$$user WS_TEST_DATABASE=postgres $(VENV)/bin/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

# mysqlclient is built here: it needs a C compiler, pkg-config and the headers of the client
# library (Debian, Ubuntu: apt install pkg-config libmariadb-dev).
test-mysql: $(VENV)/.ready-test $(VENV)/.ready-mysql
	$(VENV)/bin/python .ci/mysql.py
	WS_TEST_DATABASE=mysql $(VENV)/bin/python -m pytest -n $(WORKERS) --dist worksteal $(or $(ARGS),$(MYSQL_TESTS))

test-lowest: $(LOWEST_VENV)/.ready-lowest
	$(LOWEST_VENV)/bin/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

lint: $(VENV)/.ready-test $(VENV)/.ready-lint
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/djhtml --check wagtail_salesforce example_site tests
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	DJANGO_SETTINGS_MODULE=tests.settings $(VENV)/bin/python -m django makemigrations --check --dry-run
	$(VENV)/bin/python example_site/manage.py makemigrations --check --dry-run

# On PostgreSQL where one answers, else on SQLite.
bench: $(VENV)/.ready-test $(VENV)/.ready-postgres
	@if user=$$($(VENV)/bin/python .ci/postgres.py); then \
	    export PGUSER=$$user WS_TEST_DATABASE=postgres; \
	fi; \
	for file in tests/benchmarks/bench_*.py; do \
	    $(VENV)/bin/python -m tests.benchmarks.$$(basename $$file .py) $(ARGS) || exit 1; \
	done

# On PostgreSQL where one answers, else on SQLite in a file.
torture: $(VENV)/.ready-test $(VENV)/.ready-postgres $(VENV)/.ready-torture
	@if user=$$($(VENV)/bin/python .ci/postgres.py); then \
	    export PGUSER=$$user WS_TEST_DATABASE=postgres; \
	fi; \
	$(VENV)/bin/python -m tests.torture $(ARGS)

clean:
	rm -rf $(VENV) $(DEMO_VENV) $(LOWEST_VENV) example_site/var build dist
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage

# The environments. A stamp in each says what has been installed, until pyproject.toml changes.

%/bin/python:
	@for python in $(PYTHONS); do \
	    if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then \
	        echo "Making $* with $$("$$python" --version)"; \
	        "$$python" -m venv "$*" && exec "$*/bin/python" $(PIP) --upgrade "pip>=25.1"; \
	        exit 1; \
	    fi; \
	done; \
	echo "Python 3.10 or newer with its venv module is needed, and none of these is: $(PYTHONS)." >&2; \
	echo "Install it (Debian, Ubuntu: apt install python3-venv) or give PYTHON=/path/to/python3." >&2; \
	exit 1

$(DEMO_VENV)/.ready-demo: pyproject.toml | $(DEMO_VENV)/bin/python
	$(DEMO_VENV)/bin/python $(PIP) --editable ".[demo]"
	@touch $@

$(VENV)/.ready-test: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python $(PIP) --editable ".[practice-org]" --group test
	@touch $@

$(VENV)/.ready-lint: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python $(PIP) --group lint
	@touch $@

$(VENV)/.ready-postgres: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python $(PIP) --group postgres
	@touch $@

$(VENV)/.ready-torture: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python $(PIP) --group torture
	@touch $@

$(VENV)/.ready-mysql: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python $(PIP) --group mysql
	@touch $@

$(LOWEST_VENV)/.ready-lowest: pyproject.toml .ci/lowest.txt | $(LOWEST_VENV)/bin/python
	$(LOWEST_VENV)/bin/python $(PIP) --constraint .ci/lowest.txt --editable ".[practice-org]" --group test
	@touch $@
