"""From a trained network of rectifiers to spiking neurons.

``batch_norm`` fold it into weights   ``scales``  percentiles of activations, streamed
``chain``      what can be converted  ``convert`` the conversion
``fit``        rates against activations
"""
