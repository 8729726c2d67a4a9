"""Make pytorch_gru.npz: what torch.nn.GRU computes, so that tests need no PyTorch.

Run with a Python that has PyTorch (made with 2.13.0):
python tests/grubook/golden/make_pytorch_gru.py
"""

import pathlib

import numpy as np
import torch


def compute(seed=0, batch=3, timesteps=7, features=5, units=4):
    """A GRU's weights, inputs, outputs, and the gradients of sum(outputs * dh), as NumPy arrays."""
    torch.manual_seed(seed)
    gru = torch.nn.GRU(features, units, batch_first=True)
    x = torch.randn(batch, timesteps, features, requires_grad=True)
    h0 = torch.randn(1, batch, units, requires_grad=True)
    dh = torch.randn(batch, timesteps, units)
    outputs, _ = gru(x, h0)
    (outputs * dh).sum().backward()
    tensors = {"x": x, "h0": h0[0], "dh": dh, "outputs": outputs, "dx": x.grad, "dh0": h0.grad[0]}
    for name, parameter in gru.named_parameters():
        tensors |= {name: parameter, f"d{name}": parameter.grad}
    return {name: tensor.detach().numpy() for name, tensor in tensors.items()}


if __name__ == "__main__":
    np.savez_compressed(
        pathlib.Path(__file__).with_name("pytorch_gru.npz"),
        torch=np.array(torch.__version__),
        **compute(),
    )
