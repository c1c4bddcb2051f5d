#!/usr/bin/env bash
# Tests of ./kveik itself, in a copy of it with a stand-in JDK and a stand-in Maven: nothing is built or downloaded.
# shellcheck disable=SC2317 # The tests are called by their names' pattern, the checks by name.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BOX=$(mktemp -d)
trap 'rm -rf "$BOX"' EXIT
HOUSE="$BOX/a house"
FAILED=0

# A JDK of some version whose java tells its arguments, or does what FAKE_JAVA says.
fake_jdk() {
  mkdir -p "$1/bin"
  printf 'JAVA_VERSION="%s"\n' "$2" >"$1/release"
  cat >"$1/bin/java" <<END
#!/bin/sh
if [ -n "\${FAKE_JAVA-}" ]; then exec sh -c "\$FAKE_JAVA"; fi
printf '%s\n' "JDK $2" "\$@"
END
  printf '#!/bin/sh\n' >"$1/bin/javac"
  chmod +x "$1/bin/java" "$1/bin/javac"
}

# A Maven that notes each build and leaves what a build leaves.
fake_maven() {
  cat >"$1" <<'END'
#!/bin/sh
case " $* " in *' -v '*) echo "Apache Maven 3.9.1"; exit 0 ;; esac
echo "$JAVA_HOME: $*" >>"$MAVEN_LOG"
if [ -n "${FAKE_MAVEN_FAILS-}" ]; then echo "[ERROR] no such symbol"; exit 1; fi
mkdir -p bench/target/lib
touch bench/target/kveik-bench-1.jar bench/target/lib/a.jar
END
  chmod +x "$1"
}

setup() {
  rm -rf "$BOX"
  mkdir -p "$HOUSE/server/src/main" "$BOX/bin" "$BOX/jdks" "$BOX/home"
  cp "$HERE/kveik" "$HOUSE/kveik"
  touch "$HOUSE/pom.xml" "$HOUSE/server/pom.xml" "$HOUSE/server/src/main/A.java"
  fake_jdk "$BOX/jdks/25" 25.0.3
  fake_maven "$BOX/bin/mvn"
  : >"$BOX/maven.log"
}

# kveik ARGUMENT...: runs the copy in a bare environment; OUT and CODE are what came of it.
kveik() {
  CODE=0
  OUT=$(env -i "HOME=$BOX/home" "PATH=$BOX/bin:/usr/bin:/bin" "MAVEN_LOG=$BOX/maven.log" "KVEIK_JDK_DIRS=$BOX/jdks" \
    ${WITH[@]+"${WITH[@]}"} bash "${KVEIK:-$HOUSE/kveik}" "$@" 2>&1) || CODE=$?
}

builds() { grep -c . "$BOX/maven.log" || true; }

check() {
  local name=$1
  shift
  if "$@"; then
    return
  fi
  FAILED=1
  printf 'FAILED: %s: %s\n---- exit code %s, output:\n%s\n----\n' "$TEST" "$name" "$CODE" "$OUT" >&2
}

says() { [[ $OUT == *"$1"* ]]; }
silent_on() { [[ $OUT != *"$1"* ]]; }
ended() { [ "$CODE" = "$1" ]; }
built() { [ "$(builds)" = "$1" ]; }

it_says_how_to_install_a_jdk() {
  rm -rf "$BOX/jdks/25"
  fake_jdk "$BOX/jdks/17" 17.0.1
  WITH=("JAVA_HOME=$BOX/jdks/17")
  kveik server
  check "exit code" ended 2
  check "names what it saw" says "JAVA_HOME=$BOX/jdks/17 is Java 17"
  check "Debian" says "apt-get install temurin-25-jdk"
  check "macOS" says "brew install --cask temurin@25"
  check "SDKMAN" says "sdk install java"
  check "no build" built 0
}

it_takes_java_home_when_that_is_new_enough() {
  fake_jdk "$BOX/elsewhere" 25
  WITH=("JAVA_HOME=$BOX/elsewhere")
  kveik lookup
  check "that one" says "JDK 25
"
}

it_takes_java_of_the_path_before_the_usual_places() {
  fake_jdk "$BOX/on path" 25.0.1
  ln -s "$BOX/on path/bin/java" "$BOX/bin/java"
  kveik lookup
  check "that one" says "JDK 25.0.1"
}

it_takes_the_newest_of_the_usual_places() {
  fake_jdk "$BOX/jdks/a" 26.0.10
  fake_jdk "$BOX/jdks/b" 26.0.9
  fake_jdk "$BOX/jdks/c" 21.0.11
  fake_jdk "$BOX/jdks/mac/Contents/Home" 26
  kveik lookup
  check "that one" says "JDK 26.0.10"
}

it_says_how_to_install_maven() {
  printf '#!/bin/sh\necho Apache Maven 3.6.3\n' >"$BOX/bin/mvn"
  kveik lookup
  check "exit code" ended 2
  check "what" says "Maven 3.8.7 or newer"
  check "how" says "apt-get install maven"
}

it_builds_once_and_again_when_a_source_is_newer() {
  kveik lookup --json 'a b'
  check "exit code" ended 0
  check "says so" says "building"
  check "with our JDK" grep -q "$BOX/jdks/25: -B package -Dmaven.test.skip" "$BOX/maven.log"
  check "arguments arrive" says "io.kveik.server.Main
lookup
--json
a b"
  kveik lookup
  check "not again" built 1
  check "silent" silent_on "building"
  sleep 0.05
  touch "$HOUSE/README.md"
  kveik lookup
  check "not for other files" built 1
  touch "$HOUSE/server/src/main/A.java"
  kveik lookup
  check "a source" built 2
  sleep 0.05
  rm "$HOUSE/server/src/main/A.java"
  kveik lookup
  check "a source that went" built 3
  sleep 0.05
  touch "$HOUSE/server/pom.xml"
  kveik lookup
  check "a pom" built 4
  rm -r "$HOUSE/bench/target"
  kveik lookup
  check "jars that went" built 5
}

it_builds_once_for_two_starts() {
  local script
  script=$(cat "$BOX/bin/mvn")
  printf '%s\n' "${script/echo \"\$JAVA_HOME/sleep 0.5; echo \"\$JAVA_HOME}" >"$BOX/bin/mvn"
  kveik lookup &
  kveik lookup
  wait
  check "one build" built 1
}

it_shows_why_a_build_failed() {
  WITH=("FAKE_MAVEN_FAILS=1")
  kveik lookup
  check "exit code" ended 1
  check "the reason" says "[ERROR] no such symbol"
  check "the log" says "target/kveik-build.log"
  WITH=()
  kveik lookup
  check "tries again" ended 0
}

it_adds_flags_and_maven_arguments() {
  WITH=("KVEIK_JAVA_OPTS=-Xmx3g -XX:+UseG1GC" "KVEIK_MAVEN_ARGS=-o -Dx=y")
  kveik server
  check "ours first" says "-Xmx1g"
  check "then theirs" says "-Xmx3g
-XX:+UseG1GC
-cp"
  check "one collector" silent_on "-XX:+UseZGC"
  check "Maven" grep -q -- "-B -o -Dx=y package" "$BOX/maven.log"
}

it_runs_servers_and_short_commands_with_flags_of_their_own() {
  kveik server
  check "server" says "-XX:+UseZGC"
  kveik get
  check "get" says "-XX:+UseSerialGC"
  kveik doctor
  check "doctor looks at a server's JVM" says "-XX:+UseZGC"
}

it_keeps_a_start_up_cache_per_kind_of_run() {
  # A stand-in for a server that gets ready and, at its end, leaves a cache.
  cat >"$BOX/jdks/25/bin/java" <<'END'
#!/bin/bash
for flag in "$@"; do case $flag in -XX:AOTCacheOutput=*) cache=${flag#*=} ;; esac; done
case " $* " in
  *' --port 0 '*)
    trap 'echo learnt >"$cache"; exit 143' TERM
    echo "ready host=127.0.0.1 port=4711 admin=off"
    while :; do sleep 0.05; done
    ;;
  *' put '*) echo learnt >"$cache" ;;
  *) printf '%s\n' "$@" ;;
esac
END
  kveik server
  check "a server's" says "-XX:AOTCache=$HOUSE/target/kveik-long.aot"
  kveik lookup
  check "a short command's" says "-XX:AOTCache=$HOUSE/target/kveik-short.aot"
  WITH=("KVEIK_JAVA_OPTS=-XX:+UseParallelGC")
  kveik lookup
  check "none that can't fit" silent_on AOTCache
  WITH=("KVEIK_AOT=off")
  kveik lookup
  check "none when turned off" silent_on AOTCache
  sleep 0.05
  touch "$HOUSE/pom.xml"
  kveik lookup
  check "none of an older build" silent_on AOTCache
}

it_is_found_through_symbolic_links() {
  ln -s "a house/kveik" "$BOX/first"
  ln -s ../first "$BOX/bin/kveik"
  KVEIK=$BOX/bin/kveik
  kveik lookup
  check "class path" says "$HOUSE/bench/target/kveik-bench-1.jar:$HOUSE/bench/target/lib/a.jar"
}

it_hands_signals_and_the_exit_code_on() {
  WITH=("FAKE_JAVA=kill -TERM \$\$")
  kveik server
  check "killed by SIGTERM" ended 143
  WITH=("FAKE_JAVA=exit 3")
  kveik get
  check "exit code" ended 3
}

its_test_command_explains_itself() {
  rm -rf "$BOX/jdks"
  kveik test --help
  check "exit code" ended 0
  check "usage" says "Usage: ./kveik test"
  kveik test --reliability
  check "not there: exit code" ended 2
  check "not there" says "not there yet"
  kveik test nonsense
  check "no stage: exit code" ended 2
}

its_test_command_sums_up_and_fails_when_a_stage_fails() {
  kveik test java
  check "exit code" ended 0
  check "sum" says "java     passed"
  check "whole Maven build" grep -q -- "-B verify" "$BOX/maven.log"
  WITH=("FAKE_MAVEN_FAILS=1")
  kveik test java python
  check "exit code" ended 1
  check "sum" says "java     FAILED (1)"
  check "the next stage still runs" says "python   absent"
}

for TEST in $(compgen -A function | grep -E '^its?_'); do
  WITH=()
  KVEIK=''
  OUT=''
  CODE=''
  setup
  $TEST
done
[ $FAILED = 0 ] && echo "kveik script: all tests passed" >&2
exit $FAILED
