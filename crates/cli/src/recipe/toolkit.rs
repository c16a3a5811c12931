//! Which toolkit: an image that exists, whose CUDA the driver runs, and which generates code for the GPUs.

use super::architectures::Architectures;
use super::impossible::Impossible;
use super::request::{Request, Version};
use super::support::{Support, oldest_driver, rank_without_driver, support};
use super::target::WIDE;
use liftgate_cuda::code::Target as Code;
use liftgate_cuda::gpu::Capability;
use liftgate_cuda::image::{Flavour, Os, PackageManager, Tag};
use liftgate_cuda::{Cuda, Mark, Release};
use std::cmp::Reverse;

/// The toolkit of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Toolkit {
    /// The image with the compiler.
    pub(crate) devel: Tag,
    /// How far the driver runs its CUDA.
    pub(crate) support: Support,
    /// What is generated.
    pub(crate) architectures: Architectures,
}

/// What else the image has to be.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Needs {
    /// With cuDNN.
    pub(crate) cudnn: bool,
    /// Of this CUDA version, as something else is of it.
    pub(crate) cuda: Option<Cuda>,
    /// On this operating system, if none was asked for.
    pub(crate) os: Option<Os>,
}

/// The operating systems that are taken where none was asked for, in this order.
const USUAL: [Os; 4] = [
    Os::Ubuntu2404,
    Os::Ubuntu2204,
    Os::Ubuntu2004,
    Os::Ubuntu1804,
];

/// Chooses it.
pub(crate) fn choose(request: &Request, needs: Needs) -> Result<Toolkit, Impossible> {
    let asked_os = request.os.as_deref().map(os).transpose()?.or(needs.os);
    let is_asked = |cuda: Cuda, tag: &Tag| {
        needs.cuda.is_none_or(|own| own == cuda)
            && match request.cuda {
                Some(Version::Release(release)) => tag.release == release,
                Some(Version::Cuda(own)) => own == cuda,
                None => true,
            }
    };
    let fitting: Vec<(Tag, Mark)> = Tag::all()
        .filter(|(tag, _)| {
            tag.flavour == Flavour::Devel
                && tag.cudnn.is_some() == needs.cudnn
                && asked_os.map_or_else(|| USUAL.contains(&tag.os), |os| tag.os == os)
        })
        .collect();
    let is_same =
        |one: &Tag, other: &Tag| one.release.cuda() == other.release.cuda() && one.os == other.os;
    // A CUDA version of which nothing is known but what others say is taken where it was asked for.
    let is_sure = |tag: &Tag| {
        let mut same = fitting.iter().filter(|(other, _)| is_same(tag, other));
        request.cuda.is_some() || same.any(|(_, mark)| mark.is_firm())
    };
    let all: Vec<Tag> = fitting
        .iter()
        .map(|(tag, _)| *tag)
        .filter(|tag| is_asked(tag.release.cuda(), tag) && is_sure(tag))
        .collect();
    if all.is_empty() {
        return Err(no_image(request, needs, asked_os));
    }
    let driver = request.target.driver.as_ref();
    let run: Vec<(Tag, Support)> = all
        .iter()
        .filter_map(|tag| Some((*tag, support(driver, tag.release.cuda())?)))
        .collect();
    if run.is_empty() {
        return Err(no_driver(request, &all));
    }
    let wanted = request.target.capabilities();
    let made: Vec<(Tag, Support)> = run
        .iter()
        .filter(|(tag, _)| {
            let makes = |one: &Capability| Code::sass(*one).is_made_by(tag.release.cuda());
            // Where no GPU is known, code for those that the toolkit knows is all that can be had.
            if request.target.has_gpus() {
                wanted.iter().all(makes)
            } else {
                wanted.iter().any(makes)
            }
        })
        .copied()
        .collect();
    let (devel, support) = made
        .into_iter()
        .min_by_key(|(tag, support)| rank(tag, *support, request, asked_os))
        .ok_or_else(|| no_code(request, &run, &wanted))?;
    Ok(Toolkit {
        devel,
        support,
        architectures: architectures(&wanted, devel.release.cuda(), support),
    })
}

/// The least is taken. Full support before any other, and then the newest CUDA; of minor versions the nearest to the
/// driver's own, which lacks the least; of releases of one version the newest, as NVIDIA deletes the others half a year later. Without a driver, the newest CUDA of the major that most drivers run.
fn rank(tag: &Tag, support: Support, request: &Request, asked_os: Option<Os>) -> impl Ord + use<> {
    let cuda = tag.release.cuda();
    let missing = WIDE
        .iter()
        .filter(|one| !request.target.has_gpus() && !Code::sass(**one).is_made_by(cuda))
        .count();
    let (newest, nearest) = match support {
        Support::MinorVersion => (Reverse(Cuda::new(0, 0)), cuda),
        Support::Full | Support::Unknown => (Reverse(cuda), Cuda::new(0, 0)),
    };
    let major = if support == Support::Unknown {
        rank_without_driver(cuda)
    } else {
        0
    };
    let place = match asked_os {
        Some(_) => 0,
        None => USUAL
            .iter()
            .position(|os| *os == tag.os)
            .unwrap_or(USUAL.len()),
    };
    (
        support,
        missing,
        major,
        newest,
        nearest,
        place,
        Reverse(tag.release),
    )
}

/// Code for each GPU that the toolkit knows; PTX of the last one for GPUs to come, where the driver would compile it.
fn architectures(wanted: &[Capability], cuda: Cuda, support: Support) -> Architectures {
    let code: Vec<Capability> = wanted
        .iter()
        .filter(|one| Code::sass(**one).is_made_by(cuda))
        .copied()
        .collect();
    let last = code.last().copied().filter(|last| !last.is_tegra());
    Architectures {
        ptx: last.filter(|_| support != Support::MinorVersion),
        code,
    }
}

/// The operating system by name, if packages can be installed there as it is done here.
fn os(name: &str) -> Result<Os, Impossible> {
    let hint = || {
        let all = Os::all().filter(|os| is_usable(*os)).map(Os::tag);
        format!("there are {}", all.collect::<Vec<_>>().join(", "))
    };
    let os = Os::of_name(name).ok_or_else(|| {
        Impossible::new(
            format!("`{name}` is no operating system that nvidia/cuda is made on"),
            hint(),
        )
    })?;
    if !is_usable(os) {
        let manager = os.package_manager().command();
        return Err(Impossible::new(
            format!("{os} installs packages with {manager}, for which there is no recipe"),
            hint(),
        ));
    }
    Ok(os)
}

fn is_usable(os: Os) -> bool {
    matches!(
        os.package_manager(),
        PackageManager::Apt | PackageManager::Dnf
    ) && os != Os::Centos8
}

fn no_image(request: &Request, needs: Needs, os: Option<Os>) -> Impossible {
    let cuda = match (request.cuda, needs.cuda) {
        (Some(Version::Release(release)), _) => format!(" {release}"),
        (Some(Version::Cuda(cuda)), _) | (None, Some(cuda)) => format!(" {cuda}"),
        (None, None) => String::new(),
    };
    let on = os.map_or_else(|| " on Ubuntu".to_owned(), |os| format!(" on {os}"));
    let with = if needs.cudnn { " with cuDNN" } else { "" };
    let mut versions: Vec<Cuda> = Tag::all()
        .filter(|(tag, mark)| {
            mark.is_firm()
                && os.map_or_else(|| USUAL.contains(&tag.os), |os| tag.os == os)
                && tag.cudnn.is_some() == needs.cudnn
        })
        .map(|(tag, _)| tag.release.cuda())
        .collect();
    versions.sort_unstable();
    versions.dedup();
    let versions: Vec<String> = versions.iter().rev().map(Cuda::to_string).collect();
    Impossible::new(
        format!("there is no image of CUDA{cuda}{with}{on}"),
        if versions.is_empty() {
            "name another operating system with --os".to_owned()
        } else {
            format!("there are {}", versions.join(", "))
        },
    )
}

fn no_driver(request: &Request, all: &[Tag]) -> Impossible {
    let oldest = all.iter().map(|tag| tag.release.cuda()).min();
    let driver = request
        .target
        .driver
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    match oldest {
        Some(oldest) => Impossible::new(
            format!("{driver} does not run CUDA {oldest}"),
            format!(
                "CUDA {oldest} needs driver {} or newer; or name another --cuda or --driver",
                oldest_driver(oldest)
            ),
        ),
        None => Impossible::new(
            format!("{driver} runs none of the images"),
            "name another --driver",
        ),
    }
}

/// What keeps the GPUs from having code: there is no toolkit for one of them, or none for all of them that the driver runs.
fn no_code(request: &Request, run: &[(Tag, Support)], wanted: &[Capability]) -> Impossible {
    let alone = |one: &&Capability| {
        !run.iter()
            .any(|(tag, _)| Code::sass(**one).is_made_by(tag.release.cuda()))
    };
    let Some(one) = wanted.iter().find(alone) else {
        return Impossible::new(
            format!(
                "no toolkit generates code for all of {}",
                request.target.gpu_words()
            ),
            "write a file for each of them",
        );
    };
    let (first, last) = Code::sass(*one)
        .toolkits()
        .unwrap_or((Cuda::new(0, 0), None));
    let range = match last {
        Some(last) => format!("from CUDA {first} to {last}"),
        None => format!("from CUDA {first} on"),
    };
    let driver = match &request.target.driver {
        Some(driver) => format!(" that {driver} runs"),
        None => String::new(),
    };
    Impossible::new(
        format!(
            "no image of a toolkit{driver} generates code for {}",
            one.sm()
        ),
        format!(
            "toolkits do so {range}; the driver for the first of them is {}",
            oldest_driver(first)
        ),
    )
}

impl Toolkit {
    /// The release that has taken the place of this one.
    pub(crate) fn newer(&self) -> Option<Release> {
        let Tag {
            release, os, cudnn, ..
        } = self.devel;
        let newest = Tag::all()
            .filter(|(tag, _)| {
                tag.os == os
                    && tag.release.cuda() == release.cuda()
                    && tag.cudnn.is_some() == cudnn.is_some()
            })
            .map(|(tag, _)| tag.release)
            .max();
        newest.filter(|newest| *newest > release)
    }

    /// An image of the same toolkit.
    pub(crate) fn image(&self, flavour: Flavour) -> String {
        let cudnn = self.devel.cudnn.filter(|_| flavour != Flavour::Base);
        format!(
            "nvidia/cuda:{}",
            Tag {
                flavour,
                cudnn,
                ..self.devel
            }
        )
    }

    /// Why this CUDA version.
    pub(crate) fn reason(&self, request: &Request) -> String {
        let cuda = self.devel.release.cuda();
        let gpus = request.target.gpu_words();
        let driver = request
            .target
            .driver
            .as_ref()
            .and_then(|driver| driver.version().map(|version| format!("driver {version}")));
        let driver = driver.unwrap_or_else(|| "the driver".to_owned());
        match (self.support, request.cuda) {
            (_, Some(_)) => format!("CUDA {cuda} as asked{}", self.limits(&driver)),
            (Support::Full, None) => format!(
                "CUDA {cuda} is the newest that {driver} has itself and that has code for {gpus}"
            ),
            (Support::MinorVersion, None) => format!(
                "CUDA {cuda} is the nearest with code for {gpus}{}",
                self.limits(&driver)
            ),
            (Support::Unknown, None) => format!(
                "no driver is known: CUDA {cuda} runs on every one from {} on, and has code for {gpus}",
                oldest_driver(cuda)
            ),
        }
    }

    fn limits(&self, driver: &str) -> String {
        match self.support {
            Support::MinorVersion => {
                format!("; {driver} runs it by minor-version compatibility: compiled code, no PTX")
            }
            Support::Full | Support::Unknown => String::new(),
        }
    }

    /// Why this code is generated.
    pub(crate) fn architectures_reason(&self, request: &Request) -> String {
        let names = self.architectures.names();
        let subject = if request.target.has_gpus() {
            let verb = if request.target.gpus.len() == 1 {
                "is"
            } else {
                "are"
            };
            format!("{} {verb} {names}", request.target.gpu_words())
        } else {
            format!("No GPU was named: {names}")
        };
        match (self.architectures.ptx, self.support) {
            (Some(ptx), _) => format!(
                "{subject}; the PTX of {} is for GPUs to come, which their driver compiles",
                ptx.sm()
            ),
            (None, Support::MinorVersion) => format!(
                "{subject}; no PTX, as a driver older than the toolkit cannot compile it (error 222)"
            ),
            (None, _) => subject,
        }
    }
}
