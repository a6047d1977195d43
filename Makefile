# The commands of this project. "make" alone lists them.

# The first "swift" that answers as the compiler; SWIFT=/path/to/swift names another.
swift = $(or $(SWIFT),$(shell scripts/find-swift),false)
RUCHE := .build/debug/ruche

.DEFAULT_GOAL := help
.PHONY: help setup build test test-long lint format docs demo bench release clean

help: ## List these commands.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the Debian packages that building and running need (as root).
	@scripts/setup build run

build: setup ## Build everything, for debugging.
	$(swift) build

test: ## Do all set-up, then lint, build and test with the real components.
	@scripts/setup build run demo test
	@$(MAKE) --no-print-directory lint
	$(swift) build --build-tests
	scripts/test $(swift)

test-long: ## Start the machines and examples that take minutes each without hardware virtualisation.
	@scripts/setup build run demo test test-long
	$(swift) build --build-tests
	$(swift) test --skip-build --no-parallel --filter LongTests

lint: ## Check the form of the code.
	$(swift) format lint --strict --recursive --parallel Package.swift Sources Tests
	scripts/lint-size

format: ## Bring the code into form.
	$(swift) format format --in-place --recursive --parallel Package.swift Sources Tests

docs: build ## Write docs/cli.md again from the program's own help.
	$(RUCHE) reference >docs/cli.md

demo: setup ## Build the example, run it on a real genome, and show what came of it.
	@scripts/setup demo
	$(swift) build --product ruche
	@scripts/demo $(RUCHE)

bench: ## Measure against what one would use instead.
	@scripts/setup build run demo test bench
	$(swift) build -c release --static-swift-stdlib --scratch-path .build-release --product ruche
	@scripts/bench --ruche .build-release/release/ruche --write docs/benchmarks.md

release: setup ## Build the program that is given away, in .build-release.
	$(swift) build -c release --static-swift-stdlib --scratch-path .build-release --product ruche

clean: ## Remove what was built, and the demo's data.
	rm -rf .build .build-release
