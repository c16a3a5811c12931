//! Simulated GPU machines for tests and the demo; never part of the product
