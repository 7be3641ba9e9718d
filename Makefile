# The front door: each target says what it does, CMake does the work.
SHELL := /bin/bash
BUILD := cmake --build --preset

.DEFAULT_GOAL := help
.PHONY: help deps demo build test explore mutants tsan format lint clean

help: ## print these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

deps: ## install the Debian packages that are missing (as root or through sudo)
	@scripts/deps.sh
	@scripts/node_packages.sh

demo: deps ## the main job end to end on this machine: a phone, a server and a bad network between them
	cmake --preset release
	$(BUILD) release --target landfall-sim
	build/release/bin/landfall-sim demo

build: deps ## the release build, in build/release/bin
	cmake --preset release
	$(BUILD) release

test: deps ## every test, under the address and undefined behaviour sanitizers
	cmake --preset dev
	$(BUILD) dev
	ctest --preset dev

explore: deps ## 300 random worlds, twice with gcc and once with clang: no violation, one trace
	cmake --preset release
	$(BUILD) release --target landfall-sim
	cmake --preset clang
	$(BUILD) clang --target landfall-sim
	scripts/explore.sh

mutants: deps ## plant each known fault and see that the oracles catch it
	cmake --preset mutants
	$(BUILD) mutants --target landfall-sim
	scripts/mutants.sh

tsan: deps ## what has threads, under the thread sanitizer: sees a planted race and no other; builds CAF once
	scripts/tsan.sh

format: ## rewrite the sources in the project's format
	git ls-files -z '*.cpp' '*.hpp' '*.c' '*.h' | xargs -0 clang-format -i

lint: deps ## formatting and static analysis, changes nothing
	cmake --preset clang
	scripts/lint.sh

clean: ## remove every build
	rm -rf build
