//! `compose.yaml`: how the image is started with its GPUs.

use super::request::{Kind, Request};
use super::sheet::Sheet;

const BATCH: &str = include_str!("templates/batch.compose.yaml");
const SERVING: &str = include_str!("templates/serving.compose.yaml");

/// The text for a request.
pub(super) fn text(request: &Request) -> String {
    let mut sheet = Sheet::default();
    sheet.set("name", &*request.name);
    let shm = match request.kind {
        Kind::Pytorch | Kind::Tensorflow | Kind::Jax => {
            "    # Loaders of data and NCCL pass it through /dev/shm. Docker gives 64 MB: \"Bus error\", \"insufficient shared memory\".\n    \
             shm_size: 8gb"
        }
        Kind::Cuda | Kind::Library | Kind::Serving => "",
    };
    sheet.set("shm", shm);
    sheet.fill(if request.kind == Kind::Serving {
        SERVING
    } else {
        BATCH
    })
}
