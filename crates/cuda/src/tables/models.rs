//! Models of GPUs: as people and drivers name them, with their PCI device ids.
//!
//! Sources: the public list of PCI ids (pci-ids.ucw.cz, of August 2026), which names the chip of each id; the compute
//! capability of a chip is LLVM's and NVIDIA's ("Your GPU Compute Capability"). One row is a model with all its sizes and
//! form factors: what differs within it (SXM or PCIe, 40 or 80 GB, Ti, mobile) has the same capability. Models of one
//! name and several chips (GeForce GT 730) have a row each.

use crate::gpu::Capability;
use crate::gpu::Class::{self, DataCentre, GeForce, Jetson, Workstation};
use crate::mark::Mark;

/// A model.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) capability: Capability,
    pub(crate) class: Class,
    pub(crate) pci: &'static [u16],
}

pub(crate) const MARK: Mark = Mark::Secondary;
pub(crate) const SOURCE: &str =
    "the PCI ID list of 2026-08-22; NVIDIA, \"CUDA GPU Compute Capability\"";

const fn model(name: &'static str, capability: (u8, u8), class: Class, pci: &'static [u16]) -> Row {
    Row {
        name,
        capability: Capability::new(capability.0, capability.1),
        class,
        pci,
    }
}

/// Ascending by capability; in one, data centre, workstation, GeForce, Jetson.
#[rustfmt::skip] // one model a line
pub(crate) const ROWS: &[Row] = &[
    model("GRID K520", (3, 0), DataCentre, &[0x118a]),
    model("Tesla K10", (3, 0), DataCentre, &[0x118f]),
    model("Quadro K420", (3, 0), Workstation, &[0x0ff3]),
    model("Quadro K500", (3, 0), Workstation, &[0x0ff8]),
    model("Quadro K600", (3, 0), Workstation, &[0x0ffa]),
    model("Quadro K1000", (3, 0), Workstation, &[0x0ffc]),
    model("Quadro K1100", (3, 0), Workstation, &[0x0ff6]),
    model("Quadro K2000", (3, 0), Workstation, &[0x0ff9, 0x0ffb, 0x0ffe]),
    model("Quadro K2100", (3, 0), Workstation, &[0x11fc]),
    model("Quadro K3000", (3, 0), Workstation, &[0x11be]),
    model("Quadro K3100", (3, 0), Workstation, &[0x11b6]),
    model("Quadro K4000", (3, 0), Workstation, &[0x11bd, 0x11fa]),
    model("Quadro K4100", (3, 0), Workstation, &[0x11b7]),
    model("Quadro K4200", (3, 0), Workstation, &[0x11b4]),
    model("Quadro K5000", (3, 0), Workstation, &[0x11ba, 0x11bc]),
    model("Quadro K5100", (3, 0), Workstation, &[0x11a8, 0x11b8]),
    model("GeForce GT 630", (3, 0), GeForce, &[0x0fc2]),
    model("GeForce GT 640", (3, 0), GeForce, &[0x0fc0, 0x0fc1, 0x0fce, 0x0fd2, 0x0fd3, 0x0fd8]),
    model("GeForce GT 645", (3, 0), GeForce, &[0x0fd9]),
    model("GeForce GT 650", (3, 0), GeForce, &[0x0fd1, 0x0fd5]),
    model("GeForce GT 720", (3, 0), GeForce, &[0x0fcc]),
    model("GeForce GT 730", (3, 0), GeForce, &[0x0fc9, 0x0fe1]),
    model("GeForce GT 740", (3, 0), GeForce, &[0x0fc8, 0x0fdf, 0x11c5, 0x11cb]),
    model("GeForce GT 745", (3, 0), GeForce, &[0x0fe2, 0x0fe3]),
    model("GeForce GT 750", (3, 0), GeForce, &[0x0fe4, 0x0fe9]),
    model("GeForce GT 755", (3, 0), GeForce, &[0x0fcd, 0x0fea]),
    model("GeForce GTX 645", (3, 0), GeForce, &[0x11c4]),
    model("GeForce GTX 650", (3, 0), GeForce, &[0x0fc6, 0x11c2, 0x11c3, 0x11c6, 0x11c8]),
    model("GeForce GTX 660", (3, 0), GeForce, &[0x0fd4, 0x0fe0, 0x1183, 0x1185, 0x1186, 0x1195, 0x11c0]),
    model("GeForce GTX 670", (3, 0), GeForce, &[0x1189]),
    model("GeForce GTX 680", (3, 0), GeForce, &[0x1180, 0x11a0]),
    model("GeForce GTX 690", (3, 0), GeForce, &[0x1188]),
    model("GeForce GTX 760", (3, 0), GeForce, &[0x1182, 0x1187, 0x118e, 0x1191, 0x1193, 0x11e3]),
    model("GeForce GTX 765", (3, 0), GeForce, &[0x11e1, 0x11e2]),
    model("GeForce GTX 770", (3, 0), GeForce, &[0x1184, 0x11e0]),
    model("GeForce GTX 775", (3, 0), GeForce, &[0x119d]),
    model("GeForce GTX 860", (3, 0), GeForce, &[0x119a]),
    model("GeForce GTX 870", (3, 0), GeForce, &[0x1199, 0x11a9]),
    model("GeForce GTX 880", (3, 0), GeForce, &[0x1198]),
    model("Jetson TK1", (3, 2), Jetson, &[]),
    model("Tesla K20", (3, 5), DataCentre, &[0x101e, 0x101f, 0x1020, 0x1021, 0x1022, 0x1026, 0x1028]),
    model("Tesla K40", (3, 5), DataCentre, &[0x1023, 0x1024, 0x1027, 0x1029, 0x102a, 0x102e]),
    model("Quadro K5200", (3, 5), Workstation, &[0x103c]),
    model("Quadro K6000", (3, 5), Workstation, &[0x103a]),
    model("GTX TITAN", (3, 5), GeForce, &[0x1005]),
    model("GeForce GT 630", (3, 5), GeForce, &[0x1284]),
    model("GeForce GT 635", (3, 5), GeForce, &[0x1280]),
    model("GeForce GT 640", (3, 5), GeForce, &[0x1282]),
    model("GeForce GT 710", (3, 5), GeForce, &[0x1281, 0x1289, 0x128b]),
    model("GeForce GT 720", (3, 5), GeForce, &[0x1286, 0x1288, 0x1298]),
    model("GeForce GT 730", (3, 5), GeForce, &[0x1287, 0x1290, 0x1293]),
    model("GeForce GT 735", (3, 5), GeForce, &[0x1291]),
    model("GeForce GT 740", (3, 5), GeForce, &[0x1292, 0x1294]),
    model("GeForce GTX 780", (3, 5), GeForce, &[0x1004, 0x1007, 0x1008, 0x100a]),
    model("TITAN Black", (3, 5), GeForce, &[]),
    model("TITAN Z", (3, 5), GeForce, &[]),
    model("Tesla K80", (3, 7), DataCentre, &[0x102d]),
    model("Tesla M10", (5, 0), DataCentre, &[0x13bd]),
    model("Quadro K620", (5, 0), Workstation, &[0x13bb]),
    model("Quadro K1200", (5, 0), Workstation, &[0x13bc]),
    model("Quadro K2200", (5, 0), Workstation, &[0x13ba]),
    model("Quadro M520", (5, 0), Workstation, &[0x137b]),
    model("Quadro M620", (5, 0), Workstation, &[0x13b4]),
    model("Quadro M1200", (5, 0), Workstation, &[0x13b6]),
    model("GeForce GTX 745", (5, 0), GeForce, &[0x1382]),
    model("GeForce GTX 750", (5, 0), GeForce, &[0x1380, 0x1381, 0x139d]),
    model("GeForce GTX 850", (5, 0), GeForce, &[0x1391]),
    model("GeForce GTX 860", (5, 0), GeForce, &[0x1392]),
    model("GeForce MX 110", (5, 0), GeForce, &[0x174e]),
    model("GeForce MX 130", (5, 0), GeForce, &[0x174d]),
    model("Tesla M4", (5, 2), DataCentre, &[0x1431]),
    model("Tesla M6", (5, 2), DataCentre, &[0x13f3]),
    model("Tesla M40", (5, 2), DataCentre, &[0x17fd]),
    model("Tesla M60", (5, 2), DataCentre, &[0x13f2]),
    model("Quadro M2000", (5, 2), Workstation, &[0x1430]),
    model("Quadro M2200", (5, 2), Workstation, &[0x1436, 0x1676]),
    model("Quadro M4000", (5, 2), Workstation, &[0x13f1]),
    model("Quadro M5000", (5, 2), Workstation, &[0x13f0]),
    model("Quadro M5500", (5, 2), Workstation, &[0x13fb]),
    model("Quadro M6000", (5, 2), Workstation, &[0x17f0, 0x17f1]),
    model("GTX TITAN X", (5, 2), GeForce, &[0x17c2]),
    model("GeForce GTX 950", (5, 2), GeForce, &[0x1402]),
    model("GeForce GTX 960", (5, 2), GeForce, &[0x13d8, 0x1401, 0x1404, 0x1406]),
    model("GeForce GTX 965", (5, 2), GeForce, &[0x13d9, 0x1427, 0x1619, 0x1667]),
    model("GeForce GTX 970", (5, 2), GeForce, &[0x13c2, 0x1618]),
    model("GeForce GTX 980", (5, 2), GeForce, &[0x13c0, 0x13d7, 0x13da, 0x13e7, 0x1617, 0x161a, 0x17c8]),
    model("Jetson Nano", (5, 3), Jetson, &[]),
    model("Jetson TX1", (5, 3), Jetson, &[]),
    model("Tesla P100", (6, 0), DataCentre, &[0x15f7, 0x15f8, 0x15f9, 0x15fc]),
    model("Quadro GP100", (6, 0), Workstation, &[0x15f0]),
    model("Tesla P4", (6, 1), DataCentre, &[0x1bb3]),
    model("Tesla P6", (6, 1), DataCentre, &[0x1bb4]),
    model("Tesla P10", (6, 1), DataCentre, &[0x1b39]),
    model("Tesla P40", (6, 1), DataCentre, &[0x1b38]),
    model("Quadro P400", (6, 1), Workstation, &[0x1cb3]),
    model("Quadro P500", (6, 1), Workstation, &[0x1d33]),
    model("Quadro P520", (6, 1), Workstation, &[0x1d34]),
    model("Quadro P600", (6, 1), Workstation, &[0x1cb2, 0x1cbc]),
    model("Quadro P620", (6, 1), Workstation, &[0x1cb6, 0x1cbd]),
    model("Quadro P1000", (6, 1), Workstation, &[0x1cb1, 0x1cbb, 0x1cfb]),
    model("Quadro P2000", (6, 1), Workstation, &[0x1c30, 0x1c35, 0x1cba, 0x1cfa]),
    model("Quadro P2200", (6, 1), Workstation, &[0x1c31]),
    model("Quadro P3000", (6, 1), Workstation, &[0x1bb8]),
    model("Quadro P3200", (6, 1), Workstation, &[0x1bbb]),
    model("Quadro P4000", (6, 1), Workstation, &[0x1bb1, 0x1bb7]),
    model("Quadro P4200", (6, 1), Workstation, &[0x1bb9]),
    model("Quadro P5000", (6, 1), Workstation, &[0x1bb0, 0x1bb6]),
    model("Quadro P5200", (6, 1), Workstation, &[0x1bb5]),
    model("Quadro P6000", (6, 1), Workstation, &[0x1b30]),
    model("GeForce GT 1010", (6, 1), GeForce, &[0x1d02]),
    model("GeForce GT 1030", (6, 1), GeForce, &[0x1d01]),
    model("GeForce GTX 1050", (6, 1), GeForce, &[0x1c21, 0x1c22, 0x1c61, 0x1c62, 0x1c81, 0x1c82, 0x1c83, 0x1c8c, 0x1c8d, 0x1c8f, 0x1c91, 0x1c92, 0x1ccc, 0x1ccd]),
    model("GeForce GTX 1060", (6, 1), GeForce, &[0x1b83, 0x1b84, 0x1c02, 0x1c03, 0x1c04, 0x1c06, 0x1c20, 0x1c23, 0x1c60]),
    model("GeForce GTX 1070", (6, 1), GeForce, &[0x1b81, 0x1b82, 0x1ba1, 0x1ba2, 0x1bad, 0x1be1]),
    model("GeForce GTX 1080", (6, 1), GeForce, &[0x1b01, 0x1b06, 0x1b80, 0x1ba0, 0x1be0]),
    model("GeForce MX 150", (6, 1), GeForce, &[0x1c90, 0x1d10, 0x1d12]),
    model("GeForce MX 230", (6, 1), GeForce, &[0x1d11]),
    model("GeForce MX 250", (6, 1), GeForce, &[0x1d13, 0x1d52]),
    model("GeForce MX 330", (6, 1), GeForce, &[0x1d16, 0x1d56]),
    model("GeForce MX 350", (6, 1), GeForce, &[0x1c94, 0x1c96]),
    model("TITAN X", (6, 1), GeForce, &[0x1b00]),
    model("TITAN Xp", (6, 1), GeForce, &[0x1b02]),
    model("Jetson TX2", (6, 2), Jetson, &[]),
    model("Tesla V100", (7, 0), DataCentre, &[0x1db1, 0x1db2, 0x1db3, 0x1db4, 0x1db5, 0x1db6, 0x1db7, 0x1db8, 0x1df5]),
    model("Tesla V100S", (7, 0), DataCentre, &[0x1df6]),
    model("Quadro GV100", (7, 0), Workstation, &[0x1dba]),
    model("TITAN V", (7, 0), GeForce, &[0x1d81]),
    model("Jetson Xavier", (7, 2), Jetson, &[]),
    model("T4G", (7, 5), DataCentre, &[0x1eb4]),
    model("Tesla T4", (7, 5), DataCentre, &[0x1eb8]),
    model("Tesla T10", (7, 5), DataCentre, &[0x1e35, 0x1e37]),
    model("Tesla T40", (7, 5), DataCentre, &[0x1e38]),
    model("Quadro RTX 3000", (7, 5), Workstation, &[0x1f36, 0x1f76]),
    model("Quadro RTX 4000", (7, 5), Workstation, &[0x1eb1, 0x1eb6]),
    model("Quadro RTX 5000", (7, 5), Workstation, &[0x1eb0, 0x1eb5, 0x1ef5]),
    model("Quadro RTX 6000", (7, 5), Workstation, &[0x1e30, 0x1e36, 0x1e78]),
    model("Quadro RTX 8000", (7, 5), Workstation, &[]),
    model("T400", (7, 5), Workstation, &[0x1fb2, 0x1ff2]),
    model("T500", (7, 5), Workstation, &[0x1fbb]),
    model("T550", (7, 5), Workstation, &[0x1fb7]),
    model("T600", (7, 5), Workstation, &[0x1fb1, 0x1fb6, 0x1fba]),
    model("T1000", (7, 5), Workstation, &[0x1fb0, 0x1fb9, 0x1ff0, 0x1ff9]),
    model("T1200", (7, 5), Workstation, &[0x1fbc]),
    model("T2000", (7, 5), Workstation, &[0x1fb8]),
    model("GeForce GTX 1630", (7, 5), GeForce, &[0x1f83]),
    model("GeForce GTX 1650", (7, 5), GeForce, &[0x1f0a, 0x1f82, 0x1f91, 0x1f92, 0x1f94, 0x1f95, 0x1f96, 0x1f99, 0x1f9d, 0x1fd9, 0x1fdd, 0x2187, 0x2188, 0x2192]),
    model("GeForce GTX 1660", (7, 5), GeForce, &[0x1f09, 0x2182, 0x2184, 0x2191, 0x21c4, 0x21d1]),
    model("GeForce GTX 2080", (7, 5), GeForce, &[0x1eae]),
    model("GeForce MX 450", (7, 5), GeForce, &[0x1f97, 0x1f98, 0x1f9c]),
    model("GeForce MX 550", (7, 5), GeForce, &[0x1f9f, 0x1fa0]),
    model("GeForce RTX 2060", (7, 5), GeForce, &[0x1e89, 0x1f03, 0x1f06, 0x1f08, 0x1f11, 0x1f12, 0x1f15, 0x1f42, 0x1f47, 0x1f51, 0x1f55]),
    model("GeForce RTX 2070", (7, 5), GeForce, &[0x1e84, 0x1e91, 0x1ec2, 0x1ec7, 0x1ed1, 0x1f02, 0x1f07, 0x1f10, 0x1f14, 0x1f50, 0x1f54]),
    model("GeForce RTX 2080", (7, 5), GeForce, &[0x1e03, 0x1e04, 0x1e07, 0x1e2d, 0x1e2e, 0x1e81, 0x1e82, 0x1e87, 0x1e90, 0x1e93, 0x1ed0, 0x1ed3]),
    model("TITAN RTX", (7, 5), GeForce, &[0x1e02]),
    model("A30", (8, 0), DataCentre, &[0x20b7]),
    model("A30X", (8, 0), DataCentre, &[0x20b9]),
    model("A100", (8, 0), DataCentre, &[0x20b0, 0x20b1, 0x20b2, 0x20b3, 0x20b5, 0x20f0, 0x20f1, 0x20f2]),
    model("A100X", (8, 0), DataCentre, &[0x20b8]),
    model("A800", (8, 0), DataCentre, &[0x20bd, 0x20f3, 0x20f5, 0x20f6]),
    model("A2", (8, 6), DataCentre, &[0x25b6]),
    model("A10", (8, 6), DataCentre, &[0x2236]),
    model("A10G", (8, 6), DataCentre, &[0x2237]),
    model("A10M", (8, 6), DataCentre, &[0x2238]),
    model("A16", (8, 6), DataCentre, &[]),
    model("A40", (8, 6), DataCentre, &[0x2235]),
    model("RTX A400", (8, 6), Workstation, &[0x25b2]),
    model("RTX A500", (8, 6), Workstation, &[0x25bb, 0x25bd, 0x25fb]),
    model("RTX A1000", (8, 6), Workstation, &[0x25b0, 0x25b9, 0x25bc, 0x25f9]),
    model("RTX A2000", (8, 6), Workstation, &[0x2531, 0x2571, 0x25b8, 0x25ba, 0x25fa]),
    model("RTX A3000", (8, 6), Workstation, &[0x24b8, 0x24b9, 0x24bb]),
    model("RTX A4000", (8, 6), Workstation, &[0x24b0, 0x24b7]),
    model("RTX A4000H", (8, 6), Workstation, &[0x24b1]),
    model("RTX A4500", (8, 6), Workstation, &[0x2232, 0x24ba, 0x24fa]),
    model("RTX A5000", (8, 6), Workstation, &[0x2231, 0x24b6]),
    model("RTX A5500", (8, 6), Workstation, &[0x2233, 0x2438]),
    model("RTX A6000", (8, 6), Workstation, &[0x2230]),
    model("GeForce MX 570", (8, 6), GeForce, &[0x25a6, 0x25a7, 0x25aa]),
    model("GeForce RTX 2050", (8, 6), GeForce, &[0x25a9, 0x25ad, 0x25ed]),
    model("GeForce RTX 3050", (8, 6), GeForce, &[0x2507, 0x2508, 0x2523, 0x2563, 0x2582, 0x2583, 0x2584, 0x25a0, 0x25a2, 0x25a5, 0x25ab, 0x25ac, 0x25af, 0x25e0, 0x25e2, 0x25e5, 0x25ec]),
    model("GeForce RTX 3060", (8, 6), GeForce, &[0x2414, 0x2486, 0x2487, 0x2489, 0x248e, 0x24ad, 0x24c7, 0x24c9, 0x2501, 0x2503, 0x2504, 0x2509, 0x2520, 0x2521, 0x252f, 0x2544, 0x2560, 0x2561]),
    model("GeForce RTX 3070", (8, 6), GeForce, &[0x2207, 0x2482, 0x2484, 0x2488, 0x248c, 0x248d, 0x249d, 0x24a0, 0x24af, 0x24bf, 0x24c8, 0x24dd, 0x24e0]),
    model("GeForce RTX 3080", (8, 6), GeForce, &[0x2205, 0x2206, 0x2208, 0x220a, 0x2216, 0x222f, 0x2420, 0x2460, 0x249c, 0x24dc]),
    model("GeForce RTX 3090", (8, 6), GeForce, &[0x2203, 0x2204, 0x222b]),
    model("Jetson Orin", (8, 7), Jetson, &[]),
    model("L2", (8, 9), DataCentre, &[0x27b6]),
    model("L4", (8, 9), DataCentre, &[0x27b8]),
    model("L16", (8, 9), DataCentre, &[0x27b7]),
    model("L20", (8, 9), DataCentre, &[0x26b7, 0x26ba]),
    model("L30", (8, 9), DataCentre, &[0x26bb]),
    model("L40", (8, 9), DataCentre, &[0x26b5]),
    model("L40G", (8, 9), DataCentre, &[0x26b8]),
    model("L40S", (8, 9), DataCentre, &[0x26b9]),
    model("RTX 500 Ada", (8, 9), Workstation, &[0x28ba, 0x28bb]),
    model("RTX 1000 Ada", (8, 9), Workstation, &[0x28b9]),
    model("RTX 2000 Ada", (8, 9), Workstation, &[0x28b8, 0x28f8]),
    model("RTX 3000 Ada", (8, 9), Workstation, &[0x2838, 0x2878]),
    model("RTX 3500 Ada", (8, 9), Workstation, &[0x27bb, 0x27fb]),
    model("RTX 4000 Ada", (8, 9), Workstation, &[0x27b2, 0x27ba, 0x27fa]),
    model("RTX 4000 SFF Ada", (8, 9), Workstation, &[0x27b0]),
    model("RTX 4500 Ada", (8, 9), Workstation, &[0x27b1]),
    model("RTX 5000 Ada", (8, 9), Workstation, &[0x26b2, 0x2730, 0x2770]),
    model("RTX 5880 Ada", (8, 9), Workstation, &[0x26b3]),
    model("RTX 6000 Ada", (8, 9), Workstation, &[0x26b1]),
    model("GeForce RTX 4050", (8, 9), GeForce, &[0x28a1, 0x28e1]),
    model("GeForce RTX 4060", (8, 9), GeForce, &[0x2788, 0x2803, 0x2805, 0x2808, 0x2882, 0x28a0, 0x28e0]),
    model("GeForce RTX 4070", (8, 9), GeForce, &[0x2689, 0x2705, 0x2709, 0x2782, 0x2783, 0x2786, 0x2820, 0x2860]),
    model("GeForce RTX 4080", (8, 9), GeForce, &[0x2702, 0x2703, 0x2704, 0x27a0, 0x27e0]),
    model("GeForce RTX 4090", (8, 9), GeForce, &[0x2684, 0x2685, 0x2717, 0x2757]),
    model("GH200", (9, 0), DataCentre, &[0x2342, 0x2348]),
    model("H20", (9, 0), DataCentre, &[0x230c, 0x230e, 0x2328, 0x2329, 0x232c]),
    model("H100", (9, 0), DataCentre, &[0x2321, 0x2330, 0x2331, 0x2336, 0x2337, 0x2338, 0x2339, 0x233d, 0x237e]),
    model("H200", (9, 0), DataCentre, &[0x2335, 0x233b]),
    model("H800", (9, 0), DataCentre, &[0x2322, 0x2324, 0x233a]),
    model("B100", (10, 0), DataCentre, &[0x29bc]),
    model("B200", (10, 0), DataCentre, &[0x2901, 0x2909]),
    model("GB200", (10, 0), DataCentre, &[0x2941]),
    model("B300", (10, 3), DataCentre, &[0x3182]),
    model("GB300", (10, 3), DataCentre, &[0x31a1, 0x31c2, 0x31c3]),
    model("Jetson Thor", (11, 0), Jetson, &[0x2b00]),
    model("RTX PRO 500", (12, 0), Workstation, &[0x2db9, 0x2df9]),
    model("RTX PRO 1000", (12, 0), Workstation, &[0x2db8]),
    model("RTX PRO 2000", (12, 0), Workstation, &[0x2d30, 0x2d39, 0x2d79]),
    model("RTX PRO 3000", (12, 0), Workstation, &[0x2f38]),
    model("RTX PRO 4000", (12, 0), Workstation, &[0x2c33, 0x2c34, 0x2c39, 0x2c79]),
    model("RTX PRO 4500", (12, 0), Workstation, &[0x2c31, 0x2c3a]),
    model("RTX PRO 5000", (12, 0), Workstation, &[0x2bb3, 0x2c38, 0x2c77]),
    model("RTX PRO 6000", (12, 0), Workstation, &[0x2bb1, 0x2bb4, 0x2bb5]),
    model("RTX PRO 6000D", (12, 0), Workstation, &[0x2bb2, 0x2bbc]),
    model("GeForce RTX 5050", (12, 0), GeForce, &[0x2d83, 0x2d98, 0x2dd8]),
    model("GeForce RTX 5060", (12, 0), GeForce, &[0x2d04, 0x2d05, 0x2d19, 0x2d59, 0x2f06]),
    model("GeForce RTX 5070", (12, 0), GeForce, &[0x2c05, 0x2d18, 0x2d58, 0x2f04, 0x2f18, 0x2f58]),
    model("GeForce RTX 5080", (12, 0), GeForce, &[0x2c02, 0x2c19, 0x2c59]),
    model("GeForce RTX 5090", (12, 0), GeForce, &[0x2b85, 0x2b87, 0x2b8c, 0x2c18, 0x2c58]),
    model("DGX Spark", (12, 1), Workstation, &[]),
    model("GB10", (12, 1), Workstation, &[0x2e12]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{capabilities, pci};
    use std::collections::BTreeSet;

    #[test]
    fn ascending_and_each_once() {
        let mut names = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for pair in ROWS.windows(2) {
            assert!(pair[0].capability <= pair[1].capability, "{}", pair[1].name);
        }
        for row in ROWS {
            assert!(names.insert((row.name, row.capability)), "{}", row.name);
            assert!(
                capabilities::ROWS
                    .iter()
                    .any(|known| known.capability == row.capability),
                "{}",
                row.name
            );
            for id in row.pci {
                assert!(ids.insert(*id), "{} {id:04x}", row.name);
            }
        }
    }

    /// Two tables of one source must not disagree.
    #[test]
    fn ids_have_the_capability_of_their_chip() {
        for row in ROWS {
            for id in row.pci {
                let chip = pci::of(*id).map(|chip| chip.capability);
                assert_eq!(chip, Some(row.capability), "{} {id:04x}", row.name);
            }
        }
    }
}
