# Sets $python to an interpreter that can run the set-up: python3 when it is new enough for MailGUI,
# else a newer one beside it, else whatever there is from 3.8 on (uv then looks for, or fetches, a newer one).
# An interpreter counts only when it answers: the shims of version managers exist but may refuse to run.
python=
for wanted in 11 8; do
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c "import sys; sys.exit(sys.version_info < (3, $wanted))" >/dev/null 2>&1; then
      python=$name
      break 2
    fi
  done
done
if [ -z "$python" ]; then
  echo "MailGUI needs Python 3.11 or later: install it first, on Debian with: apt-get install python3" >&2
  exit 1
fi
