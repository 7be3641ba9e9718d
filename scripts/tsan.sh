#!/usr/bin/env bash
# Runs what has threads under the thread sanitizer, without suppressions. CAF is built with it too,
# once, into build/tsan-caf: of an actor system that it cannot look into the sanitizer gives dozens
# of false reports. The source is Debian's package, fetched from the mirror that the machine's own
# packages come from, through a list beside the build; the machine's apt configuration stays.
# usage: tsan.sh [CTEST OPTIONS]; exit code 1 for a race or a failed test, 3 when it cannot be run
set -eEuo pipefail
cd "$(dirname "$0")/.."
trap 'echo "tsan: did not get as far as the tests" >&2; exit 3' ERR

caf=$PWD/build/tsan-caf
reports=$PWD/build/tsan/reports
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

say() { echo "tsan: $*"; }

# apt_get ARGUMENTS: apt-get that knows Debian 12's sources and keeps what it learns in build/.
apt_get() {
  apt-get -q -o Dir::Etc::sourcelist="$caf/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$caf/apt/lists" -o Dir::Cache="$caf/apt/cache" \
    -o APT::Sandbox::User="$(id -un)" "$@"
}

# The mirror that this machine takes Debian 12's own packages from.
debian_mirror() {
  apt-get indextargets --format '$(REPO_URI)' \
    'Created-By: Packages' 'Origin: Debian' 'Codename: bookworm' 'Component: main' | head -n 1
}

fetch_caf() {
  local mirror
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || { say "apt knows no mirror of Debian 12 (bookworm)" >&2; exit 3; }
  say "fetching CAF's source package from $mirror"
  rm -rf "$caf/apt" "$caf/unpacked"
  mkdir -p "$caf/apt/lists/partial" "$caf/apt/cache/archives/partial" "$caf/unpacked"
  echo "deb-src [signed-by=$keyring] $mirror bookworm main" >"$caf/apt/sources.list"
  apt_get update
  (cd "$caf" && apt_get source --download-only --tar-only actor-framework)
  tar -xzf "$caf"/actor-framework_*.orig.tar.gz -C "$caf/unpacked" --strip-components=1
  rm -rf "$caf/apt"
  mv "$caf/unpacked" "$caf/source"  # last, so that half a source is never taken for one
}

build_caf() {
  say "building CAF under the sanitizer; later runs find it in build/tsan-caf"
  local launcher=()
  if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
  cmake -G Ninja -S "$caf/source" -B "$caf/build" -Wno-dev -DCMAKE_CXX_COMPILER=clang++ \
    "${launcher[@]}" -DCMAKE_BUILD_TYPE=None -DCMAKE_INSTALL_PREFIX="$caf/install" \
    -DCMAKE_CXX_FLAGS="-O1 -g1 -w -fsanitize=thread -fno-omit-frame-pointer" \
    -DCAF_NO_{AUTO_LIBCPP,UNIT_TESTS,EXAMPLES,TOOLS,IO,OPENSSL,OPENCL,PYTHON,SUMMARY}=ON \
    >"$caf/cmake.log"
  cmake --build "$caf/build"
  cmake --install "$caf/build" >"$caf/install.log"
  touch "$caf/is_built"
}

# Some kernels spread a process's memory further than this sanitizer can follow.
calm=()
if [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28)" -gt 28 ]; then
  calm=(setarch "$(uname -m)" -R)
fi

# A clean run says something only where a race is seen.
see_planted_race() {
  local report
  report=$("${calm[@]}" build/tsan/bin/landfall-planted-race 2>&1) || true
  if ! grep "SUMMARY: ThreadSanitizer: data race .*planted_race" <<<"$report"; then
    echo "$report" >&2
    say "the planted race was NOT seen: a run without reports would say nothing" >&2
    exit 1
  fi
  say "the planted race was seen"
}

# Reports go to files, so that none is lost in a process whose exit code nobody looks at.
run_tests() {
  rm -rf "$reports"
  mkdir -p "$reports"
  local status=0
  TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1:log_path=$reports/report" \
    "${calm[@]}" ctest --preset tsan "$@" || status=1
  if compgen -G "$reports/*" >/dev/null; then
    cat "$reports"/* >&2
    say "the sanitizer reported on $(find "$reports" -type f | wc -l) process(es)" >&2
    exit 1
  fi
  [ "$status" -eq 0 ] || exit 1
  say "no race was reported, and there is no suppression"
}

mkdir -p "$caf"
if [ ! -d "$caf/source" ]; then fetch_caf; fi
if [ ! -e "$caf/is_built" ]; then build_caf; fi
cmake --preset tsan
cmake --build --preset tsan
see_planted_race
run_tests "$@"
