"""One thread for networks this small: more of them would mostly wait for each other, above all beside other work."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for the processes that tests start

import torch

torch.set_num_threads(1)
