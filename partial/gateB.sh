#!/bin/bash
# again in the clone gate_$1, log name $2
cd /tmp/gate_$1; export HOME=/tmp/gatehome_$1
echo "$(date -u) start $(git rev-parse --short HEAD) dirty $(git status --short | wc -l)" > /tmp/gate_$2.log
export PYTEST_ADDOPTS="-p failnote --durations=40" FAILNOTE=/tmp/fail_$2.txt; rm -f $FAILNOTE
( time .ci/run ) > /tmp/gate_$2.ci.log 2>&1; echo "ci rc $?" >> /tmp/gate_$2.log
date -u >> /tmp/gate_$2.log
