"""%TITLE%

Input: float32 [batch, %SIZES%], %VALUES%. Output: logits %OUTPUT%.
Needs PyTorch 2 and, beside it, the file model.safetensors.

    from model import CLASSES, load
    network = load()
    %USE%
"""

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

CLASSES = %NAMES%
%CONSTANTS%

def convolve(x, kernel, size, pads, stride, groups=1, dilation=1):
    """Over a grid [batch, height, width, channels]; kernel [height, width, in / groups, out]."""
    padded = F.pad(x.permute(0, 3, 1, 2), pads)
    kernel = kernel.permute(3, 2, 0, 1)
    y = F.conv2d(padded, kernel, stride=stride, dilation=dilation, groups=groups)
    return y.permute(0, 2, 3, 1)


def average_pool(x, size, pads, stride, dilation=1):
    """Mean over a window; padding is not counted."""
    channels = x.shape[-1]
    taps = x.new_ones(*size, 1, channels)
    where = dict(size=size, pads=pads, stride=stride, groups=channels, dilation=dilation)
    inside = convolve(torch.ones_like(x), taps, **where)
    return convolve(x, taps, **where) / inside.clamp(min=1)


def standard(x, axes, epsilon, centred=True):
    """Mean 0 (if centred) and mean square 1 over some axes."""
    if centred:
        x = x - x.mean(axes, keepdim=True)
    return x / torch.sqrt(x.square().mean(axes, keepdim=True) + epsilon)


def rational(x, a, b):
    """(a0 + a1 x + ..) / (1 + |b1| |x| + ..), one row of b for each group of channels."""
    grouped = x.reshape(*x.shape[:-1], b.shape[0], -1)
    above = sum(a[i] * grouped**i for i in range(len(a)))
    below = 1 + sum(b[:, j : j + 1].abs() * grouped.abs() ** (j + 1) for j in range(b.shape[1]))
    return (above / below).reshape(x.shape)


def spike_sigmoid(x):
    """1 where x >= 0; trained as if it were a sigmoid."""
    smooth = torch.sigmoid(4 * x)
    return (x >= 0).float() + (smooth - smooth.detach())


def spike_arctan(x):
    """1 where x >= 0; trained as if it were an arctangent."""
    smooth = torch.atan(torch.pi * x) / torch.pi
    return (x >= 0).float() + (smooth - smooth.detach())


class Scope(nn.Module):
    """A part of the network, by name or number."""

    def __getitem__(self, number):
        return getattr(self, str(number))


class Network(Scope):
    """%TITLE%"""

    def __init__(self, tensors):
        super().__init__()
        for name, tensor in tensors.items():
            *path, role = name.split(".")
            if any(other.startswith(name + ".") for other in tensors):
                role += "_"  # a part of the network has that name
            scope = self
            for part in path:
                if part not in scope._modules:
                    scope.add_module(part, Scope())
                scope = scope._modules[part]
            if name in GATHERED or path[:1] == ["constants"]:
                scope.register_buffer(role, tensor)
            else:
                scope.register_parameter(role, nn.Parameter(tensor))

    def forward(self, %INPUT%):
        self.examples = len(%INPUT%)
        x = %NORMALISED%
%FORWARD%%METHODS%

# what training gathers and does not learn
GATHERED = %GATHERED%


def read(file):
    """The tensors of a safetensors file, by name."""
    content = Path(file).read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        begin, end = entry["data_offsets"]
        numbers = bytearray(content[start + begin : start + end])
        tensors[name] = torch.frombuffer(numbers, dtype=torch.float32).reshape(entry["shape"])
    return tensors


def load(file=Path(__file__).with_name("model.safetensors")):
    """The trained network."""
    return Network(read(file)).eval()


if __name__ == "__main__":
    network = load()
    count = sum(parameter.numel() for parameter in network.parameters())
    print(f"{count:,} parameters, {len(CLASSES)} classes")
    print(network(torch.zeros(1, %SIZES%)).tolist())
