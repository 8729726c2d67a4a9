import sys, importlib
from experiments import common
if __name__ == "__main__":
    common.SMOKE=True
    importlib.import_module("experiments."+sys.argv[1]).main()
