# Churnmark. `make` alone says what there is to make.

.PHONY: help bench smoke soak truth gate gate-exact gate-proof test sound micro report doctor nextest chromium gdb xmllint
.DEFAULT_GOAL := help

# What `make bench` measures: smoke, standard, full, article, soak or truth.
suite := standard
churnmark := cargo run --release --locked --quiet --package churnmark --

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

bench: programs ## Measure the standard suite, write report and flamegraphs, print where the report is
	$(churnmark) measure --suite $(suite)

smoke: suite := smoke
smoke: bench ## Measure a tiny suite in seconds, to see that everything works

soak: suite := soak
soak: bench ## Measure the article's loads of 60 s and 30 min by their timetables: hours

truth: programs ## Fetch Go, measure its own maps beside the ports, record them anew and hold the ports against it
	$(churnmark) truth

# What `make gate` holds this build against: a commit, a tag or a branch.
base := HEAD~1
gate: programs ## Hold this build against another commit (base=REF), exact figures and times; make turns its code into 2
	$(churnmark) gate --base $(base)

gate-exact: ## Hold exact figures against the committed baseline, in seconds
	cargo run --locked --quiet --package churnmark -- gate --layer exact

gate-proof: programs ## Prove the gate on a quiet machine, in most of an hour, beside criterion and tango
	for order in 1 2; do cargo rustc --release --locked --package churnmark-maps --bin churnmark-maps -- \
	    -Clink-arg=-Wl,--shuffle-sections=.text*=$$order && mkdir -p target/release/layout-$$order && \
	  cp target/release/churnmark-maps target/release/layout-$$order/ || exit 1; done
	$(MAKE) programs
	cargo build --release --locked --manifest-path bench-suite/peers/Cargo.toml --target-dir target/peers
	cargo build --release --locked --package churnmark --bin churnmark --example gate-proof
	target/release/examples/gate-proof

report: programs ## Write the pages of the newest session again
	$(churnmark) report

doctor: ## Say whether this machine can be trusted with timings, and what is missing
	$(churnmark) doctor

test: nextest chromium gdb xmllint ## Run everything that CI runs
	cargo fmt --all --check && rustfmt --edition 2024 --check bench-suite/maps/src/*.rs && cargo clippy --workspace --all-targets --locked -- --deny warnings
	cargo build --workspace --locked && cargo build --locked --manifest-path bench-suite/own-map/Cargo.toml --target-dir target
	cargo nextest run --workspace --locked && cargo test --workspace --doc --locked
	$(MAKE) gate-exact

nightly := cargo +nightly
sound: ## Check Go's maps for interleavings and, where nightly Rust has them, under Miri and ThreadSanitizer
	cargo test --locked --package churnmark-go-maps --features shuttle --test interleavings
	@if $(nightly) miri --version > /dev/null 2>&1; then \
	  MIRIFLAGS='-Zmiri-disable-isolation -Zmiri-tree-borrows -Zmiri-permissive-provenance -Zmiri-ignore-leaks' \
	    $(nightly) miri test --locked --package churnmark-go-maps --lib && \
	  RUSTFLAGS=-Zsanitizer=thread $(nightly) test --locked -Zbuild-std --target x86_64-unknown-linux-gnu \
	    --package churnmark-go-maps --lib --test linearizable; \
	else echo 'no Miri, no ThreadSanitizer here: rustup toolchain install nightly --component miri,rust-src' >&2; fi

micro: ## Measure the suite's own parts: tape generation, the measured loop, the collectors
	cargo bench --workspace --locked --benches

# Built by themselves, so that no feature wanted elsewhere reaches the measured programs.
.PHONY: programs
programs:
	cargo build --release --locked --package churnmark-maps
	cargo build --release --locked --package churnmark-article

nextest:
	@command -v cargo-nextest > /dev/null || cargo install --locked cargo-nextest

# The tests look at the report through a browser; without the right to install one they say so.
chromium:
	@command -v chromium > /dev/null || { root=$$([ "$$(id -u)" = 0 ] || echo sudo -n); $$root apt-get update -qq && $$root apt-get install -qqy --no-install-recommends chromium; } \
	  || echo 'chromium cannot be installed here: apt-get install chromium' >&2

# One test reads the maps through a debugger; without the right to install one it says so.
gdb:
	@command -v gdb > /dev/null || { root=$$([ "$$(id -u)" = 0 ] || echo sudo -n); $$root apt-get update -qq && $$root apt-get install -qqy --no-install-recommends gdb; } \
	  || echo 'gdb cannot be installed here: apt-get install gdb' >&2

# The JUnit file of a gate is held against a schema.
xmllint:
	@command -v xmllint > /dev/null || { root=$$([ "$$(id -u)" = 0 ] || echo sudo -n); $$root apt-get update -qq && $$root apt-get install -qqy --no-install-recommends libxml2-utils; } \
	  || echo 'xmllint cannot be installed here: apt-get install libxml2-utils' >&2
