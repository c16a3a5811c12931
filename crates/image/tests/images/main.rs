//! Images made by hand, in every layout: what is found in them, and what bad ones come to.

mod hostile;
mod layouts;
mod merged;
mod support;
