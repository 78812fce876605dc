"""One step of learning: loss, gradients, a longest length for them, and the optimiser."""

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from eventstore.errors import InvalidInput
from snn.evaluation import LabelledBatch, as_input, class_scores
from snn.objective import Objective
from snn.processes import Team
from snn.schedules import schedule_of
from snn.sequential import SpikingSequential
from snn.train_config import TrainConfig

DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}


class Learner:
    """A network, its optimiser and the schedule of that.

    Args:
        model: the network.
        config: settings of the training.
        steps: steps an epoch.
        objective: what to make small; None: the plain cross-entropy.
        team: the processes that train it together.

    Raises:
        InvalidInput: float16 on a processor.
    """

    def __init__(
        self,
        model: SpikingSequential,
        config: TrainConfig,
        *,
        steps: int,
        objective: Objective | None = None,
        team: Team,
    ) -> None:
        self.model, self.config, self.objective, self.team = model, config, objective, team
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.torch_device = next(model.parameters()).device
        half = config.precision == "float16"
        if half and self.torch_device.type != "cuda":
            message = f"precision='float16' on {str(self.torch_device)!r}"
            raise InvalidInput(message, hint='that is for GPUs: use "bfloat16" here, or "float32"')
        kind = torch.optim.AdamW if config.optimiser == "adamw" else torch.optim.Adam
        self.optimiser = kind(
            model.parameters(), config.learning_rate, weight_decay=config.weight_decay
        )
        self.schedule = schedule_of(self.optimiser, config, steps)
        # Gradients of float16 are so small that many would be 0: the loss is scaled up for them.
        self.scaler = torch.amp.GradScaler(self.torch_device.type, enabled=half)

    def step(self, batch: LabelledBatch | None) -> tuple[int, Tensor, Tensor]:
        """Learn from a batch; None: take part in a step of which others have the samples.

        Returns: number of samples, their mean loss and how many of them were right; the last two
        stay where the network is.
        """
        self.optimiser.zero_grad()
        n, loss, hits = 0, *torch.zeros(2, dtype=torch.float64, device=self.torch_device)
        if batch is not None:
            x, labels = as_input(batch, self.model)
            with_graph, scores = self._loss(x, labels, batch.length)
            torch.autograd.backward(self.scaler.scale(with_graph))
            n, loss, hits = len(labels), with_graph.detach(), _hits(scores, labels)
        else:
            self.scaler.scale(loss)
        self.team.mean_gradients(self.parameters, n)
        if self.config.clip_norm is not None:
            self.scaler.unscale_(self.optimiser)
            clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.schedule.step()
        return n, loss, hits

    def _loss(self, x: Tensor, labels: Tensor, length: Tensor) -> tuple[Tensor, Tensor]:
        """Return the loss of a batch, and the scores that training accuracy is counted from."""
        asked: list[Tensor] = []
        labels = labels.to(x.dtype) if labels.is_floating_point() else labels
        smoothing = self.config.label_smoothing

        def score_fn(output: Tensor) -> Tensor:
            # Half precision rounds counts of spikes above 256: sums are in full.
            whole = output.float() if output.dtype in DTYPES.values() else output
            asked.append(class_scores(whole, length))
            return asked[-1]

        dtype = DTYPES.get(self.config.precision)
        with torch.autocast(self.torch_device.type, dtype=dtype, enabled=dtype is not None):
            if self.objective is None:
                scores = score_fn(self.model(x))
                loss = functional.cross_entropy(scores, labels, label_smoothing=smoothing)
            else:
                loss = self.objective(self.model, x, labels, score_fn)
        if not asked:
            message = f"{self.objective!r} scored no output"
            raise InvalidInput(message, hint="call score_fn on what the model gives")
        return loss, asked[0].detach()


def _hits(scores: Tensor, labels: Tensor) -> Tensor:
    """Count the samples whose class, or most of whose label, has the highest score."""
    return (scores.argmax(1) == (labels.argmax(1) if labels.ndim > 1 else labels)).sum()
