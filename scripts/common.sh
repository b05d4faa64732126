# What ./run, ./test and the scripts share. Sourced, with the project's root as working directory.

fail() { echo "error: $*" >&2; exit 1; }

# As root: as it is; else through sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "packages are missing and this is neither root nor is there sudo; as root: apt-get install $missing"
  fi
}

packages_in() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@"; }

# install_packages FILE...: installs what is missing of the packages listed in the files.
install_packages() {
  command -v dpkg-query >/dev/null || fail "this is not Debian: install by hand what $* name"
  local wanted present
  wanted=$(packages_in "$@" | sort -u)
  # What a package provides counts as installed: a newer Node.js brings its own npm.
  present=$(dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null |
    awk '$1=="installed"{gsub(/\([^)]*\)|,/, " "); for (i = 2; i <= NF; ++i) print $i}' | sort -u)
  missing=$(comm -23 <(echo "$wanted") <(echo "$present") | tr '\n' ' ')
  [ -n "${missing// /}" ] || return 0
  echo "installing: $missing" >&2
  local log
  log=$(mktemp)
  # shellcheck disable=SC2086  # a list of names
  if ! { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    for package in $missing; do
      apt-cache show "$package" >/dev/null 2>&1 || echo "no such package here: $package" >&2
    done
    rm -f "$log"
    fail "these packages could not be installed: $missing"
  fi
  rm -f "$log"
}

# configure PRESET [-DNAME=VALUE...]: warnings are errors in CI.
configure() {
  local preset=$1 strict=OFF log
  shift
  [ -z "${CI:-}" ] || strict=ON
  log=$(mktemp)
  cmake --preset "$preset" -DIOT_WARNINGS_AS_ERRORS=$strict "$@" >"$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; fail "configuring $preset failed"; }
  rm -f "$log"
}

# compile PRESET [TARGET...]
compile() {
  local preset=$1
  shift
  ninja --quiet -C "build/$preset" "$@" || fail "building $preset failed"
}
