"""Axonal delays."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.layers.constants import Value, check_dt
from snn.layers.stateful import StatefulLayer, check_time_axis


class AxonalDelay(StatefulLayer):
    r"""Hold each neuron's output back by a time of its own, which can be trained.

    $$ y_t = (1 - f)\, x_{t - k} + f\, x_{t - k - 1}, \quad k = \lfloor d / dt \rfloor, \;
    f = d / dt - k $$

    between two steps linearly, so the delay has a gradient, $(x_{t-k-1} - x_{t-k}) / dt$; while
    evaluating, and where it is not trained, delays are rounded to whole steps and spikes stay
    spikes. (Shrestha and Orchard 2018 take the gradient from the slope of a filter.)

    Args:
        delay: seconds of each neuron, or of all.
        n_neurons: how many there are; along the last axis.
        max_delay: longest delay in seconds; trained delays stay within 0 … this.
        dt: length of a time step in seconds.
        train: whether to train the delays.

    Raises:
        InvalidInput: a delay is outside 0 … max_delay.

    Examples:
        >>> layer = AxonalDelay(0.002, n_neurons=1, max_delay=0.01)
        >>> layer(torch.tensor([1.0, 0.0, 2.0, 0.0])[None, :, None]).flatten().tolist()
        [0.0, 0.0, 1.0, 0.0]
    """

    def __init__(
        self,
        delay: Value,
        n_neurons: int,
        *,
        max_delay: float,
        dt: float = 0.001,
        train: bool = False,
    ) -> None:
        super().__init__()
        self.dt = check_dt(dt)
        self.max_delay = max_delay
        self.train_delay = train
        value = torch.as_tensor(delay, dtype=torch.get_default_dtype()).expand(n_neurons).clone()
        if not bool(((value >= 0) & (value <= max_delay)).all()):
            message = f"delays {float(value.min())} … {float(value.max())} s exceed 0 … {max_delay}"
            raise InvalidInput(message, hint="give a longer max_delay, in seconds")
        self.delay: Tensor
        if train:
            self.delay = nn.Parameter(value)
        else:
            self.register_buffer("delay", value)

    @property
    def n_history(self) -> int:
        """Time steps that are remembered."""
        return math.ceil(self.max_delay / self.dt - 1e-6) + 1

    def run(
        self, x: Float[Tensor, "b t n"], state: Float[Tensor, "b h n"] | None = None
    ) -> tuple[Float[Tensor, "b t n"], Float[Tensor, "b h n"]]:
        """Return the delayed output, and the inputs of the last steps.

        Raises:
            InvalidInput: the input has another number of neurons, or the state another shape.
        """
        check_time_axis(self, x)
        batch, steps, n = x.shape
        shape = (batch, self.n_history, n)
        history = x.new_zeros(shape) if state is None else state
        if n != len(self.delay) or history.shape != shape:
            message = f"input {tuple(x.shape)} and state {tuple(history.shape)} do not fit"
            hint = f"there are {len(self.delay)} neurons; start a new batch with state=None"
            raise InvalidInput(message, hint=hint)
        past = torch.cat([history, x], 1)
        delay = self.delay.clamp(0, self.max_delay) / self.dt
        if not (self.training and self.train_delay):
            delay = delay.round()
        whole = delay.detach().floor().clamp_max(self.n_history - 1)
        part = (delay - whole).to(x.dtype)
        now = torch.arange(steps, device=x.device)[:, None] + self.n_history
        index = (now - whole.long()).expand(batch, steps, n)
        recent, earlier = past.gather(1, index), past.gather(1, (index - 1).clamp_min(0))
        return (1 - part) * recent + part * earlier, past[:, steps:]
