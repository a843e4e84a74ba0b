"""Seal a file for a recipient's key, in the format of age (age-encryption.org/v1), and open one again.

The recipient needs nothing of the suite: ``age -d -i key.txt export.zip.age`` opens it. Piece by piece, in any size.
"""

from ecrf.engine.exports.age.keys import identity, new_identity, recipient, recipient_of
from ecrf.engine.exports.age.opening import Unopenable, open_sealed
from ecrf.engine.exports.age.sealing import Sealing

__all__ = ["Sealing", "Unopenable", "identity", "new_identity", "open_sealed", "recipient", "recipient_of"]
