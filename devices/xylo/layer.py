"""Which neurons of a Xylo network are which layer of the model."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class XyloLayer:
    """A run of hidden or output neurons that were one layer of the model.

    Args:
        name: name of the weights in the model; of several, the first.
        spiking_name: name of the neurons in the model.
        start: id of the first neuron, among hidden or among output neurons.
        stop: one beyond the id of the last.
        is_output: whether they are output neurons.

    Examples:
        >>> XyloLayer(name="0", spiking_name="1", start=0, stop=24).n_neurons
        24
    """

    name: str
    spiking_name: str
    start: int
    stop: int
    is_output: bool = False

    @property
    def n_neurons(self) -> int:
        """How many neurons there are."""
        return self.stop - self.start

    @property
    def ids(self) -> slice:
        """Where they stand in an array of hidden or of output neurons."""
        return slice(self.start, self.stop)
