# Sourced by run and test: a virtual environment with the locked packages, and the Debian packages they need.
# Sets VENV. Prints nothing when there is nothing to do.

VENV=$here/.venv
BUILD_PACKAGES='python3-venv gcc libc6-dev python3-dev libpcsclite-dev pcscd'
TEST_PACKAGES='vsmartcard-vpcd opensc softhsm2 xmlsec1 openssl cups-ipp-utils avahi-daemon dbus util-linux iproute2 poppler-utils
  tmux ivy opensaml-schemas libsixel-bin default-jre-headless'

say() { printf '%s\n' "$*" >&2; }

missing_packages() {
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$package"
  done
}

# Installs the Debian packages named, when this user may; else returns 1 and leaves their names in $missing.
debian_packages() {
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" = 0 ]; then as_root=''
  elif sudo -n true 2>/dev/null; then as_root='sudo -n'
  else return 1; fi
  say "Installation des paquets Debian : $missing"
  # shellcheck disable=SC2086
  { $as_root apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing; } >&2
}

# python_with MODULES: the first Python of this machine that is recent enough and has them.
python_with() {
  for candidate in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
    "$candidate" -c "import sys, $1; raise SystemExit(sys.version_info < (3, 11))" 2>/dev/null &&
      { command -v "$candidate"; return 0; }
  done
  return 1
}

# Debian keeps pip out of its Python: without the right to install packages, its wheel is unpacked here instead.
make_environment() {
  if python=$(python_with 'venv, ensurepip'); then
    "$python" -m venv "$VENV"
    return
  fi
  python=$(python_with venv) || return 1
  "$python" -m venv --without-pip "$VENV" &&
    (cd "$VENV" && apt-get download -qq python3-pip-whl && dpkg-deb -x python3-pip-whl_*.deb pip-wheel) >&2 &&
    wheel=$(echo "$VENV"/pip-wheel/usr/share/python-wheels/pip-*.whl) &&
    "$VENV/bin/python" "$wheel/pip" --quiet install --no-index --no-deps "$wheel" && return
  rm -rf "$VENV"
  return 1
}

# prepare LOCK [DEBIAN PACKAGE...]
prepare() {
  lock=$here/$1; shift
  # What was built depends on the lock, on where the project lies, and on whether pyscard could be built.
  stamp=$(cat "$lock" "$here/setup.sh" "$here/pyproject.toml" "$here"/tests/jars/SHA256SUMS | cksum; echo "$here" /usr/include/PCSC/winscard.*)
  [ "$(cat "$VENV/$(basename "$lock").stamp" 2>/dev/null)" = "$stamp" ] && return 0

  # shellcheck disable=SC2086
  if ! debian_packages $BUILD_PACKAGES "$@"; then
    say "Paquets Debian absents, que ce compte ne peut pas installer : $missing"
    say "Un administrateur les installe par :  apt-get install $missing"
    [ $# -eq 0 ] || exit 1 # the tests need every peer; the kiosk can do without
  fi
  if ! [ -x "$VENV/bin/python" ]; then
    say "Création de l'environnement Python…"
    make_environment || {
      say "Il manque Python 3.11 ou plus récent avec le module venv (paquet python3-venv)."
      exit 1
    }
  fi
  say "Installation des paquets Python (une seule fois)…"
  pip="$VENV/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --require-hashes"
  trap 'rm -f "$VENV/build.txt" "$VENV/rest.txt"' EXIT
  # Packages built from source come after the tools that build them; no build fetches anything by itself.
  split_lock '^(flit-core|setuptools|wheel|swig)==' "$lock" "$VENV/build.txt" "$VENV/rest.txt"
  $pip -r "$VENV/build.txt"
  if ! PATH="$VENV/bin:$PATH" $pip --no-build-isolation -r "$VENV/rest.txt" 2>"$VENV/pip.log"; then
    split_lock '^pyscard==' "$VENV/rest.txt" "$VENV/build.txt" "$VENV/rest.txt.new"
    mv "$VENV/rest.txt.new" "$VENV/rest.txt"
    $pip --no-build-isolation -r "$VENV/rest.txt" || { cat "$VENV/pip.log" >&2; exit 1; }
    say "Les lecteurs de cartes réels ne seront pas utilisables : pyscard n'a pas pu être construit."
    say "Il y faut les paquets Debian gcc, python3-dev et libpcsclite-dev. L'entraînement fonctionne sans."
    [ "$(basename "$lock")" = requirements.lock ] || exit 1
  fi
  PATH="$VENV/bin:$PATH" "$VENV/bin/python" -m pip --disable-pip-version-check --quiet install --no-deps \
    --no-build-isolation --editable "$here"
  "$VENV/bin/python" -m compileall -q "$here/kiosk" || true
  [ "$(basename "$lock")" = requirements.lock ] || peers_in_jars
  printf '%s' "$stamp" >"$VENV/$(basename "$lock").stamp"
}

# What comes as Java packages, by name and version, as their sums say they were: the official schemas, and veraPDF.
peers_in_jars() {
  held=$here/tests/jars
  (cd "$VENV/jars" && sha256sum --check --status "$held/SHA256SUMS") 2>/dev/null && return 0
  say "Téléchargement des schémas officiels et de veraPDF (une seule fois)…"
  java -jar /usr/share/java/ivy.jar -warn -ivy "$held/ivy.xml" -cache "$VENV/ivy" \
    -retrieve "$VENV/jars/[artifact].[ext]" >"$VENV/ivy.log" 2>&1 &&
    (cd "$VENV/jars" && sha256sum --check --quiet "$held/SHA256SUMS") >&2 || {
    cat "$VENV/ivy.log" >&2
    say "Les schémas officiels et veraPDF n'ont pas pu être téléchargés, ou ne sont pas ceux attendus."
    exit 1
  }
  rm -rf "$VENV/ivy" "$VENV/ivy.log"
}

# split_lock PATTERN LOCK MATCHING OTHERS: shares out the requirements of a lock file, each with its hashes.
split_lock() {
  awk -v pattern="$1" -v matching="$3" -v others="$4" '
    BEGIN { printf "" > matching; printf "" > others }
    /^[^ ]/ { file = ($0 ~ pattern) ? matching : others }
    { print > file }' "$2"
}
