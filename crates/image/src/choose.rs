//! Which image of those that are stored: the one of a name, and of a platform.

use crate::error::{ImageError, shown};
use crate::facts::{Configuration, Layout, Platform};
use crate::manifest::{self, Descriptor, Document, Saved};

/// How deep an index may lie in an index.
const MOST_DEPTH: usize = 4;
/// The most images that are looked at.
const MOST_IMAGES: usize = 256;

/// Where documents are, by path below the layout.
pub(crate) trait Store {
    /// A document; none if there is none.
    fn document(&mut self, path: &str) -> Result<Option<Vec<u8>>, ImageError>;
}

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The name of an image, where the archive holds several.
    pub name: Option<String>,
    /// The platform, where an image has several.
    pub platform: Platform,
}

/// An image of the store.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    pub(crate) names: Vec<String>,
    pub(crate) layout: Layout,
    pub(crate) platform: Platform,
    pub(crate) configuration: Configuration,
    /// The paths of its layers.
    pub(crate) layers: Vec<String>,
}

impl Image {
    fn has_name(&self, name: &str) -> bool {
        self.names.iter().any(|known| {
            // Docker leaves out of a name what it takes for granted.
            let short = known.strip_prefix("docker.io/library/");
            let short = short.or_else(|| known.strip_prefix("docker.io/"));
            let tagged = format!("{name}:latest");
            [Some(known.as_str()), short].contains(&Some(name))
                || [Some(known.as_str()), short].contains(&Some(&tagged))
        })
    }

    /// How well its platform fits.
    fn fits(&self, wanted: &Platform) -> u8 {
        u8::from(self.platform.os == wanted.os)
            + 2 * u8::from(self.platform.architecture == wanted.architecture)
    }
}

/// The image that fits best, and the platforms of those beside it.
pub(crate) fn choose(
    store: &mut dyn Store,
    wanted: &Wanted,
) -> Result<(Image, Vec<Platform>), ImageError> {
    let mut images = images(store)?;
    if let Some(name) = &wanted.name
        && images.iter().any(|image| image.has_name(name))
    {
        images.retain(|image| image.has_name(name));
    }
    // Of several with names, those that have the first one's.
    if let Some(names) = images.first().map(|image| image.names.clone()) {
        images.retain(|image| image.names == names);
    }
    let best = images
        .iter()
        .map(|image| image.fits(&wanted.platform))
        .max()
        .ok_or(ImageError::NotAnImage)?;
    let at = images
        .iter()
        .position(|image| image.fits(&wanted.platform) == best)
        .unwrap_or_default();
    let image = images.swap_remove(at);
    let mut others: Vec<Platform> = images.into_iter().map(|image| image.platform).collect();
    others.retain(|platform| *platform != image.platform);
    others.sort_by(|one, other| {
        let key = |platform: &Platform| (platform.os.clone(), platform.architecture.clone());
        key(one).cmp(&key(other))
    });
    others.dedup();
    Ok((image, others))
}

fn images(store: &mut dyn Store) -> Result<Vec<Image>, ImageError> {
    const SAVED: &str = "manifest.json";
    const INDEX: &str = "index.json";

    let mut images = Vec::new();
    let index = store.document(INDEX)?;
    if let Some(bytes) = &index {
        let index: Document = manifest::read(INDEX, bytes)?;
        let layout = Layout::OciArchive;
        of_index(store, index, layout, None, 0, &mut images)?;
    }
    if images.is_empty()
        && let Some(bytes) = store.document(SAVED)?
    {
        let saved: Vec<Saved> = manifest::read(SAVED, &bytes)?;
        for saved in saved.into_iter().take(MOST_IMAGES) {
            let bytes = store
                .document(&saved.config)?
                .ok_or_else(|| ImageError::Lacks(format!("`{}`", shown(&saved.config))))?;
            let (platform, configuration) = manifest::configuration(&saved.config, &bytes)?;
            images.push(Image {
                names: saved.repo_tags,
                layout: Layout::DockerArchive,
                platform,
                configuration,
                layers: saved.layers,
            });
        }
    } else if images.is_empty() && index.is_some() {
        return Err(ImageError::Lacks(
            "every manifest that its `index.json` names".to_owned(),
        ));
    }
    Ok(images)
}

/// The images of an index, as far as they are in the store: an archive may hold one platform of those that its index
/// names.
fn of_index(
    store: &mut dyn Store,
    index: Document,
    layout: Layout,
    name: Option<&str>,
    depth: usize,
    images: &mut Vec<Image>,
) -> Result<(), ImageError> {
    for descriptor in index.manifests.into_iter().take(MOST_IMAGES) {
        if images.len() >= MOST_IMAGES {
            return Ok(());
        }
        let path = descriptor.path()?;
        let Some(bytes) = store.document(&path)? else {
            continue;
        };
        let own = descriptor.name();
        let name = name.or(own.as_deref());
        let document: Document = manifest::read(&path, &bytes)?;
        if document.manifests.is_empty() {
            images.extend(of_manifest(store, &descriptor, document, layout, name)?);
        } else if depth < MOST_DEPTH {
            of_index(store, document, layout, name, depth + 1, images)?;
        }
    }
    Ok(())
}

fn of_manifest(
    store: &mut dyn Store,
    descriptor: &Descriptor,
    manifest: Document,
    layout: Layout,
    name: Option<&str>,
) -> Result<Option<Image>, ImageError> {
    const UNKNOWN: &str = "unknown";
    let stated = descriptor.platform();
    // Attestations, which BuildKit puts beside images.
    if stated
        .as_ref()
        .is_some_and(|platform| platform.os == UNKNOWN)
    {
        return Ok(None);
    }
    let Some(config) = manifest.config else {
        return Ok(None);
    };
    let path = config.path()?;
    let Some(bytes) = store.document(&path)? else {
        return Ok(None);
    };
    let (platform, configuration) = manifest::configuration(&path, &bytes)?;
    // An artefact of another kind than an image has no platform.
    if platform.os.is_empty() && stated.is_none() {
        return Ok(None);
    }
    let layers = manifest.layers.iter().map(Descriptor::path);
    Ok(Some(Image {
        names: name.map(str::to_owned).into_iter().collect(),
        layout,
        platform: if platform.os.is_empty() {
            stated.unwrap_or_default()
        } else {
            platform
        },
        configuration,
        layers: layers.collect::<Result<_, _>>()?,
    }))
}
