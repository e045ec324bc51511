"""What a document of the DMP says, for a terminal: read in a confined child, handed over as plain data."""
