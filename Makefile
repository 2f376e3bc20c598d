# Two commands for people: `make demo` and `make test`. Both do all set-up on a fresh machine.
# Anything with logic is in xtask/; this file only prepares the environment and calls it.

CACHE := $(or $(MYELIN_CACHE),$(HOME)/.cache/myelin)
export MYELIN_CACHE := $(CACHE)
# Outside the checkout, so that it survives it.
export CARGO_TARGET_DIR ?= $(CACHE)/target
# Lints come with every compilation of our own crates instead of a second pass over everything.
export RUSTC_WORKSPACE_WRAPPER := $(CURDIR)/scripts/rustc

XTASK = . $(CACHE)/env && cargo xtask

.PHONY: help setup build demo test test-long bench cases compat fuzz weights mutants clean
help:
	@echo "make demo  [ARGS=\"--epochs 4 --exit\"]   a local network: models are judged and paid"
	@echo "make test                               format, lints and all quick tests"
	@echo "make test-long [ONLY=governance]        what takes longer: hours, or the steps whose names contain the text"
	@echo "make bench [ARGS=clients]               speed and memory, with ratios: all benchmarks, or those so named"
	@echo "make cases FILE=tests/cases/public.json numeric cases of the consensus and economics"
	@echo "make compat SDK_TESTS=dir BTCLI_TESTS=dir   the official end-to-end tests, from checkouts of v10.2.0 and v9.21.2;"
	@echo "                                         ONLY=\"test_proxy.py\" some, ONLINE=1 also those that need the internet,"
	@echo "                                         TIMEOUT=1200 seconds for one"
	@echo "make fuzz CALLS=100000 SEED=1            random calls through the runtime, every rule checked;"
	@echo "                                         FILE=story.txt keeps a story that breaks one"
	@echo "make weights                            measure what calls cost, on a quiet machine"
	@echo "make mutants [CRATE=myelin-economy]     would the tests of core notice a wrong operator?"
	@echo "make build                              the node and the \`myelin\` command"
test test-long: FOR = tests
setup:
	@scripts/setup.sh $(FOR)
build: setup
	@$(XTASK) build
demo: setup
	@$(XTASK) demo -- $(ARGS)
test: setup
	@$(XTASK) test
test-long: setup
	@$(XTASK) test --long $(if $(ONLY),--only "$(ONLY)")
bench: setup
	@$(XTASK) bench $(ARGS)
cases: setup
	@$(XTASK) cases "$(or $(FILE),tests/cases/public.json)"
# Looks at its arguments before anything is built.
COMPAT = python3 tests/compat/suites.py $(SDK_TESTS:%=--sdk %) $(BTCLI_TESTS:%=--btcli %) $(ONLINE:%=--online) \
  $(TIMEOUT:%=--timeout %) --only "$(ONLY)"
compat:
	@$(COMPAT) --list > /dev/null
	@$(MAKE) --no-print-directory build
	@$(COMPAT)
fuzz: setup
	@$(XTASK) fuzz $(or $(CALLS),10000) $(or $(SEED),1) $(FILE)
# Not in any test. What it writes is committed; `ARGS=pallet_balances` measures one pallet, `ARGS="--steps 5 --repeat 5"` is faster.
weights: setup
	@$(XTASK) weights $(ARGS)
# Compiles every change once, behind switches, in a copy of the tree; docs/reference/mutation.md says what was found.
mutants: setup
	@. $(CACHE)/env && nice -n 19 cargo xtask mutants $(CRATE) $(ARGS)
clean:
	rm -rf $(CARGO_TARGET_DIR) $(CACHE)/chain-target
