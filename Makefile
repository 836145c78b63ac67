# baochang 保畅. Two commands do everything: `make run` and `make test`. `make help` lists the rest.
#
# Out of tree: everything made lands in $(BUILD). SAN=address or SAN=thread builds a sanitized variant beside it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:

BUILD   ?= build
SAN     ?=
OUT     := $(BUILD)/$(if $(SAN),$(SAN),release)
VERSION := $(shell cat VERSION)
DATA    ?= ../shared/data
export DATA
JOBS    ?= $(shell nproc)

# what libraries lose, for the sanitized tests
export LSAN_OPTIONS := suppressions=$(abspath tests/lsan.supp):print_suppressions=0

CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif

# ---- flags -----------------------------------------------------------------------------------------------
PACKAGES := geos proj libpq libevent_core jansson libsodium readosm libxxhash inih gdal expat zlib pangocairo cairo-pdf cairo-svg freetype2 fontconfig libqrencode
WARNINGS := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef \
            -Wwrite-strings -Wformat=2 -Werror=implicit-function-declaration -Werror=return-type
# not -ftrivial-auto-var-init=zero: GCC 12.2 then clears live members of initialised structs (it takes them for padding)
HARDEN   := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE
CFLAGS   ?= -O2 -g
CFLAGS_ALL = -std=c17 $(CFLAGS) $(WARNINGS) -ffp-contract=off -fno-math-errno -I. -D_GNU_SOURCE -MMD -MP \
             -DBAOCHANG_VERSION='"$(VERSION)"'
ifeq ($(SAN),address)
CFLAGS_ALL += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -fPIE
LDFLAGS_ALL = -fsanitize=address,undefined -pie
else ifeq ($(SAN),thread)
CFLAGS_ALL += -fsanitize=thread -fPIE
LDFLAGS_ALL = -fsanitize=thread -pie
else ifeq ($(SAN),fuzz)
CC := clang
WARNINGS += -Wno-unknown-pragmas -Wno-unknown-warning-option
CFLAGS_ALL += -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -fPIE
LDFLAGS_ALL = -fsanitize=fuzzer,address,undefined
else
CFLAGS_ALL += $(HARDEN) -D_FORTIFY_SOURCE=3
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now
endif
# asked once, and only when something is compiled: the packages may be installed by this very run
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(shell pkg-config --libs $(PACKAGES)) -lgeos_c -lmetis -lm -lpthread)$(PKG_LIBS)

# ---- sources: a folder is a library, linked so that each sees only those to its left -----------------------
LIBS := geo routing data api
sources = $(filter-out api/main.c,$(wildcard $(1)/*.c $(1)/*/*.c))
objects = $(patsubst %.c,$(OUT)/%.o,$(call sources,$(1)))
OBJECTS_data = $(OUT)/gen/migrations.o
OBJECTS_api = $(OUT)/gen/console_files.o $(OUT)/gen/console_bytes.o
ARCHIVES := $(foreach l,$(LIBS),$(OUT)/lib$(l).a)

UNIT     := $(patsubst tests/unit/%_test.c,%,$(wildcard tests/unit/*_test.c))
PROPERTY := $(patsubst tests/property/%_test.c,%,$(wildcard tests/property/*_test.c))
FUZZ     := $(patsubst tests/fuzz/%_fuzz.c,%,$(wildcard tests/fuzz/*_fuzz.c))
BENCH    := $(patsubst tests/bench/%_bench.c,%,$(wildcard tests/bench/*_bench.c))
# helpers shared by the programs of one test folder: every .c there that is not itself a program
HELPERS  := $(filter-out %_test.c %_fuzz.c %_bench.c,$(wildcard tests/*/*.c))
HELPER_OBJECTS := $(patsubst %.c,$(OUT)/%.o,$(HELPERS))

.PHONY: all build libs
all build: $(OUT)/baochang   ## build the program
libs: $(ARCHIVES)

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(PKG_CFLAGS) -c $< -o $@

define archive
$(OUT)/lib$(1).a: $(call objects,$(1)) $$(OBJECTS_$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)ar rcs $$@ $$^
endef
$(foreach l,$(LIBS),$(eval $(call archive,$(l))))

# ---- migrations, put into the program ------------------------------------------------------------------------
$(OUT)/gen/migrations.c: data/migrations/embed.sh data/migrations $(wildcard data/migrations/*.sql)
	@mkdir -p $(OUT)/gen
	$(Q)data/migrations/embed.sh $@ data/migrations
$(OUT)/gen/migrations.o: $(OUT)/gen/migrations.c data/pg/migrate.h
	$(Q)$(CC) $(CFLAGS_ALL) -c $< -o $@

# ---- the description of the interface, joined from its pieces and put into the program ------------------------
$(OUT)/gen/openapi.json: api/openapi/assemble.mjs $(wildcard api/openapi/*.json)
	@mkdir -p $(OUT)/gen
	$(Q)node $< >$@
$(OUT)/gen/openapi_ogc%.json: api/openapi/assemble.mjs $(wildcard api/openapi/*.json)
	@mkdir -p $(OUT)/gen
	$(Q)node $< --ogc=$* >$@
$(OUT)/api/handlers/openapi.o: CFLAGS_ALL += -Wa,-I$(OUT)/gen
$(OUT)/api/handlers/openapi.o: $(OUT)/gen/openapi.json $(OUT)/gen/openapi_ogc30.json $(OUT)/gen/openapi_ogc31.json

$(OUT)/api/style/style_document.o: api/style/style.json

# ---- the console: our modules and MapLibre GL JS, put into the program ---------------------------------------
VENDOR := $(BUILD)/console/node_modules/maplibre-gl/dist
$(VENDOR)/maplibre-gl.mjs: api/console/package-lock.json
	@mkdir -p $(BUILD)/console
	@cp api/console/package.json api/console/package-lock.json api/console/.npmrc $(BUILD)/console/
	$(Q)cd $(BUILD)/console && npm ci --ignore-scripts --no-fund --no-audit --silent
	@touch $@

$(OUT)/gen/console_files.c: api/console/embed.sh $(wildcard api/console/*.* api/console/js/*) $(VENDOR)/maplibre-gl.mjs
	@mkdir -p $(OUT)/gen
	$(Q)api/console/embed.sh $(OUT)/gen api/console $(VENDOR)
$(OUT)/gen/console_files.o: $(OUT)/gen/console_files.c
	$(Q)$(CC) $(CFLAGS_ALL) -c $< -o $@
$(OUT)/gen/console_bytes.o: $(OUT)/gen/console_files.c
	$(Q)$(CC) -c $(OUT)/gen/console_bytes.S -o $@

$(OUT)/baochang: $(OUT)/api/main.o $(OUT)/libapi.a $(OUT)/libdata.a $(OUT)/librouting.a $(OUT)/libgeo.a
	$(Q)$(CC) -o $@ $^ $(LDFLAGS_ALL) $(PKG_LIBS)

# Engine tests need only the two left folders; a test that includes data/ or api/ gets the others too (the linker
# takes from an archive only what is used).
$(OUT)/tests/%_test: $(OUT)/tests/%_test.o $(HELPER_OBJECTS) $(ARCHIVES)
	$(Q)$(CC) -o $@ $< $(filter $(OUT)/$(dir tests/$*)%,$(HELPER_OBJECTS)) -Wl,--start-group $(ARCHIVES) -Wl,--end-group \
	    $(LDFLAGS_ALL) -lcmocka $(PKG_LIBS)
$(OUT)/tests/%_bench: $(OUT)/tests/%_bench.o $(HELPER_OBJECTS) $(ARCHIVES)
	$(Q)$(CC) -o $@ $< $(filter $(OUT)/$(dir tests/$*)%,$(HELPER_OBJECTS)) -Wl,--start-group $(ARCHIVES) -Wl,--end-group \
	    $(LDFLAGS_ALL) $(PKG_LIBS)

$(OUT)/tests/%_fuzz: $(OUT)/tests/%_fuzz.o $(ARCHIVES)
	$(Q)$(CC) -o $@ $< -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(LDFLAGS_ALL) $(PKG_LIBS)

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)

Q := $(if $(V),,@)

# ---- running -----------------------------------------------------------------------------------------------
.PHONY: run deps deps-test
run:   ## install packages, build, start a private PostGIS, load the demo, serve on 127.0.0.1:8080
	@docker/install-packages.sh build run db
	@$(MAKE) -s -j$(JOBS) build
	@data/demo/run.sh $(OUT)/baochang $(BUILD)/demo

deps:   ## install what building and running need
	@docker/install-packages.sh build run db
deps-test:   ## install what the tests need as well
	@docker/install-packages.sh build run db test

# ---- testing -----------------------------------------------------------------------------------------------
# `make test` is the whole proof: lint, unit and property tests plain and under ASan + UBSan, threads under TSan, fuzz
# corpora replayed, the real program against a real PostGIS plain and under ASan + UBSan, the console in a browser.
# files of tests side by side; each worker has a database cluster of its own
PYTEST  := /usr/bin/python3 -m pytest -q -p no:cacheprovider -n $(JOBS) --dist loadfile
BROWSER := $(BUILD)/browser

.PHONY: test test-all lint test-unit test-property test-sanitized test-threads test-fuzz test-integration test-browser
test:   ## everything, from a bare machine: installs, builds, tests
	@docker/install-packages.sh build run db test
	@$(MAKE) -s -j$(JOBS) build programs
	@$(MAKE) -s -j$(JOBS) SAN=address build programs
	@$(MAKE) -s test-all
test-all: lint test-unit test-property test-sanitized test-threads test-fuzz test-integration test-browser
	@echo "make test: all green"

.PHONY: programs
programs: $(foreach t,$(UNIT),$(OUT)/tests/unit/$(t)_test) $(foreach t,$(PROPERTY),$(OUT)/tests/property/$(t)_test)

lint:   ## rules of the house that a machine can see
	@tests/lint.sh

test-unit: $(foreach t,$(UNIT),$(OUT)/tests/unit/$(t)_test)   ## unit tests
	@tests/each.sh unit $^
test-property: $(foreach t,$(PROPERTY),$(OUT)/tests/property/$(t)_test)   ## property tests against the oracles
	@tests/each.sh property $^

test-sanitized:   ## unit and property tests under ASan and UBSan
	@$(MAKE) -s -j$(JOBS) SAN=address programs
	@$(MAKE) -s SAN=address test-unit test-property

.PHONY: soak
soak: $(foreach t,$(PROPERTY),$(OUT)/tests/property/$(t)_test)   ## property tests on worlds nobody has seen, ROUNDS (300) each
	@SEED_BASE=$$(date +%s) ROUNDS=$(or $(ROUNDS),300) tests/each.sh soak $^

THREADED := $(filter app hierarchy% metric% pool server feed view%,$(UNIT))
test-threads:   ## what runs in threads, under TSan
	@$(if $(THREADED),$(MAKE) -s -j$(JOBS) SAN=thread test-threads-now,:)
.PHONY: test-threads-now
test-threads-now: $(foreach t,$(THREADED),$(OUT)/tests/unit/$(t)_test) $(OUT)/tests/property/zone_binding_test $(OUT)/tests/property/rule_binding_test $(OUT)/tests/property/loose_test $(OUT)/tests/property/hierarchy_cells_test
	@tests/each.sh threads $^

.PHONY: fuzz fuzz-programs
fuzz-programs: $(foreach t,$(FUZZ),$(OUT)/tests/fuzz/$(t)_fuzz)
test-fuzz:   ## replay the fuzz corpora once
	@$(if $(FUZZ),$(MAKE) -s -j$(JOBS) SAN=fuzz fuzz-programs && tests/fuzz/run.sh replay $(BUILD)/fuzz $(FUZZ),:)
fuzz:   ## fuzz every target for SECONDS_EACH (60) seconds
	@$(MAKE) -s -j$(JOBS) SAN=fuzz fuzz-programs && tests/fuzz/run.sh $(or $(SECONDS_EACH),60) $(BUILD)/fuzz $(FUZZ)

test-integration:   ## the real program against a real PostGIS, plain and sanitized
	@$(MAKE) -s -j$(JOBS) build && $(MAKE) -s -j$(JOBS) SAN=address build
	@BAOCHANG_PROGRAM=$(abspath $(BUILD))/release/baochang $(PYTEST) tests/integration
	@BAOCHANG_PROGRAM=$(abspath $(BUILD))/address/baochang ASAN_OPTIONS=detect_leaks=1 $(PYTEST) tests/integration -m "not slow"

$(BROWSER)/node_modules/playwright-core/package.json: tests/browser/package-lock.json
	@mkdir -p $(BROWSER)
	@cp tests/browser/package.json tests/browser/package-lock.json tests/browser/.npmrc $(BROWSER)/
	$(Q)cd $(BROWSER) && npm ci --ignore-scripts --no-fund --no-audit --silent
	@touch $@
test-browser: $(OUT)/baochang $(BROWSER)/node_modules/playwright-core/package.json   ## the console in Debian's Chromium
	@BROWSER_MODULES=$(abspath $(BROWSER)) BAOCHANG_SHOTS=$(abspath $(BUILD))/shots \
	    BAOCHANG_PLACE=$(abspath $(BUILD))/service-test tests/with_service.sh node --test --test-concurrency=1 $(wildcard tests/browser/*.test.mjs)

# ---- measuring ---------------------------------------------------------------------------------------------
.PHONY: bench bench-plans bench-stored bench-geo bench-reach bench-wire bench-luxembourg bench-dimacs bench-http bench-overload bench-publication bench-impact bench-stops bench-kept bench-drag bench-order bench-scale bench-china bench-matrix bench-pgrouting
bench: bench-geo bench-plans bench-wire bench-luxembourg bench-http bench-publication bench-pgrouting   ## the main measurements
bench-geo: $(OUT)/tests/bench/geo_bench   ## polygons, the spatial index, corridors, encodings
	@$<
bench-wire: $(OUT)/tests/bench/wire_bench   ## reading requests, writing answers
	@$<
bench-plans: $(OUT)/tests/bench/planner_bench   ## whole plans on the demo, three times its size (110,000 arcs)
	@$< 3
bench-stored: $(OUT)/tests/bench/stored_bench   ## what 10,000 stored zones, closures, checkpoints cost a question
	@$<
bench-reach: $(OUT)/tests/bench/reach_bench   ## areas of reach on the demo, as it is and three times its size
	@$< 1 && $< 3
bench-luxembourg: $(OUT)/tests/bench/luxembourg_bench   ## the hierarchy on a real graph with 100,000 reference answers
	@$< $(DATA)
bench-dimacs: $(OUT)/tests/bench/dimacs_bench   ## the hierarchy on a million nodes
	@$< $(DATA)
bench-http: $(OUT)/baochang   ## routes a second over HTTP (wrk)
	@docker/install-packages.sh bench
	@BAOCHANG_SERVE_OPTIONS="--threads=1 --access-log=off" tests/with_service.sh tests/bench/http_bench.sh
bench-overload: $(OUT)/baochang   ## good answers and refusals at three times the capacity
	@BAOCHANG_SERVE_OPTIONS="--workers=1 --access-log=off" tests/with_service.sh tests/bench/overload_bench.py
bench-publication: $(OUT)/baochang   ## from COMMIT of a change to the first answer that obeys it, in two processes
	@BAOCHANG_PROGRAM=$(abspath $(OUT))/baochang BAOCHANG_SERVE_OPTIONS=--rate-units=0 tests/with_service.sh tests/bench/publication_bench.py
bench-stops: $(OUT)/baochang   ## several stops by distance and cost while rules change
	@BAOCHANG_PROGRAM=$(abspath $(OUT))/baochang BAOCHANG_SERVE_OPTIONS="--rate-units=0 --request-ms=120000" tests/with_service.sh tests/bench/stops_bench.py
bench-impact: $(OUT)/baochang   ## drawn zones against 10,000 stored plans: who is touched, the full answer, memory
	@BAOCHANG_PROGRAM=$(abspath $(OUT))/baochang BAOCHANG_PEPPER_FILE=$(abspath $(BUILD))/service-test/pepper \
	    BAOCHANG_SERVE_OPTIONS=--rate-units=0 tests/with_service.sh tests/bench/impact_bench.py
bench-kept: $(OUT)/baochang   ## lists and the overview with 100,000 kept plans (PLANS=…)
	@BAOCHANG_PROGRAM=$(abspath $(OUT))/baochang BAOCHANG_PEPPER_FILE=$(abspath $(BUILD))/service-test/pepper \
	    BAOCHANG_SERVE_OPTIONS=--rate-units=0 tests/with_service.sh tests/bench/kept_bench.py
bench-drag: $(OUT)/baochang $(BROWSER)/node_modules/playwright-core/package.json   ## how closely the way around a zone follows a dragged vertex, in Chromium
	@BROWSER_MODULES=$(abspath $(BROWSER)) BAOCHANG_PLACE=$(abspath $(BUILD))/service-test tests/with_service.sh node tests/bench/drag_bench.mjs
bench-order: $(OUT)/tests/bench/order_bench   ## the order of the demo's turn graph and what it is worth (SCALE=1)
	@$< $(SCALE)
bench-scale: $(OUT)/baochang   ## a million arcs from PostGIS to answers: times and memory of every step (SCALE=30)
	@BAOCHANG_PROGRAM=$(abspath $(OUT))/baochang tests/bench/scale_bench.py
bench-china: $(OUT)/baochang   ## the same with the roads of China as they really run, 1.5 million arcs (DATA)
	@CHINA_DATA=$(DATA) BAOCHANG_PROGRAM=$(abspath $(OUT))/baochang tests/bench/scale_bench.py
bench-matrix: $(OUT)/baochang   ## tables of 1,000 by 1,000 over HTTP (SIDE)
	@BAOCHANG_SERVE_OPTIONS="--rate-units=0 --request-ms=120000" tests/with_service.sh tests/bench/matrix_bench.py
bench-pgrouting: $(OUT)/baochang   ## the same questions through pgRouting
	@docker/install-packages.sh bench
	@tests/with_service.sh tests/bench/pgrouting_bench.py

.PHONY: pages
pages: $(OUT)/baochang   ## the sample configuration, its reference, manual and completion, from the tables
	@$< config sample >docker/baochang.ini.sample && $< config reference >docker/configuration.md
	@$< man >docker/baochang.1 && $< completion bash >docker/baochang.bash && docker/components.sh >docker/components.md

# ---- the rest ----------------------------------------------------------------------------------------------
.PHONY: clean
clean:   ## stop what `make run` started and remove everything that was made
	@for cluster in $(BUILD)/*/cluster; do [ -d "$$cluster" ] && data/private_cluster.sh stop "$$cluster" >/dev/null 2>&1; done; true
	@rm -rf $(BUILD)

.PHONY: help
help:   ## this list
	@grep -hE '^[a-z][a-z -]*:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:[^#]*##/\t/' | sort | \
	    awk -F'\t' '{printf "  %-18s %s\n", $$1, $$2}'

.SECONDARY:
