#!/bin/bash
# train.sh MODULE RESULTS [python prelude]
cd /work/wt/land; . .venv/bin/activate
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$PWD/src:$PWD TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OMP_NUM_THREADS=1 TF_CPP_MIN_LOG_LEVEL=2 GRUBOOK_RESULTS=$2
exec python -m $1
