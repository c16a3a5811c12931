//! All rules: a file each, and this list.
//!
//! Codes by what goes wrong: 1xx the choice of image and toolkit, 2xx building, 3xx libraries and the loader, 4xx the
//! contract with driver and runtime (`NVIDIA_*`), 5xx frameworks and wheels, 6xx compose files and dev
//! containers, 7xx command lines, 8xx finished images, 9xx the linter itself.

use crate::rule::Rule;

macro_rules! rules {
    ($($file:ident :: $rule:ident),* $(,)?) => {
        $(pub(crate) mod $file;)*

        /// All rules, in the order of their codes.
        pub static RULES: &[&dyn Rule] = &[$(&$file::$rule),*];
    };
}

rules! {
    lg101_cuda_tag_never_existed::CudaTagNeverExisted,
    lg102_cuda_tag_gone::CudaTagGone,
    lg103_cuda_tag_superseded::CudaTagSuperseded,
    lg104_cuda_image_without_tag::CudaImageWithoutTag,
    lg105_driver_too_old::DriverTooOld,
    lg106_minor_version_limits::MinorVersionLimits,
    lg107_toolkit_without_gpu::ToolkitWithoutGpu,
    lg108_arch_unknown_to_toolkit::ArchUnknownToToolkit,
    lg109_arch_list_misses_gpu::ArchListMissesGpu,
    lg111_devel_image_shipped::DevelImageShipped,
    lg112_image_not_pinned::ImageNotPinned,
    lg113_wrong_package_manager::WrongPackageManager,
    lg114_musl_base::MuslBase,
    lg115_platform_mismatch::PlatformMismatch,
    lg116_old_signing_key::OldSigningKey,
    lg201_nvcc_missing::NvccMissing,
    lg202_build_tool_missing::BuildToolMissing,
    lg203_pip_missing::PipMissing,
    lg204_nvcc_one_output_for_many::NvccOneOutputForMany,
    lg205_driver_installed::DriverInstalled,
    lg206_gpu_at_build::GpuAtBuild,
    lg207_second_toolkit::SecondToolkit,
    lg208_driver_library_linked::DriverLibraryLinked,
    lg209_extension_without_arch_list::ExtensionWithoutArchList,
    lg210_cuda_home_missing::CudaHomeMissing,
    lg211_old_repository_key::OldRepositoryKey,
    lg212_container_toolkit_inside::ContainerToolkitInside,
    lg213_runtime_library_missing::RuntimeLibraryMissing,
    lg214_package_for_other_cuda::PackageForOtherCuda,
    lg215_variable_of_same_instruction::VariableOfSameInstruction,
    lg216_command_in_value::CommandInValue,
    lg217_requirement_redirected::RequirementRedirected,
    lg218_own_value_kept_literal::OwnValueKeptLiteral,
    lg219_list_joined_without_colon::ListJoinedWithoutColon,
    lg301_library_path_has_file::LibraryPathHasFile,
    lg302_library_path_overwritten::LibraryPathOverwritten,
    lg303_library_path_has_stubs::LibraryPathHasStubs,
    lg304_library_path_has_compat::LibraryPathHasCompat,
    lg305_library_path_for_static_library::LibraryPathForStaticLibrary,
    lg306_driver_library_copied::DriverLibraryCopied,
    lg307_soname_faked::SonameFaked,
    lg308_library_path_empty_entry::LibraryPathEmptyEntry,
    lg309_path_overwritten::PathOverwritten,
    lg310_library_path_of_other_toolkit::LibraryPathOfOtherToolkit,
    lg401_utility_capability_missing::UtilityCapabilityMissing,
    lg402_video_capability_missing::VideoCapabilityMissing,
    lg403_graphics_capability_missing::GraphicsCapabilityMissing,
    lg404_unknown_capability::UnknownCapability,
    lg405_cuda_visible_devices_baked::CudaVisibleDevicesBaked,
    lg406_gpu_index_baked::GpuIndexBaked,
    lg407_requirement_malformed::RequirementMalformed,
    lg408_requirement_check_off::RequirementCheckOff,
    lg409_misspelt_nvidia_variable::MisspeltNvidiaVariable,
    lg410_requirement_not_met::RequirementNotMet,
    lg411_compute_capability_missing::ComputeCapabilityMissing,
    lg412_requirement_too_strict::RequirementTooStrict,
    lg413_contract_in_build_argument::ContractInBuildArgument,
    lg414_contract_in_other_stage::ContractInOtherStage,
    lg601_capabilities_missing::CapabilitiesMissing,
    lg602_count_and_ids::CountAndIds,
    lg603_gpu_request_misplaced::GpuRequestMisplaced,
    lg604_unknown_device_option::UnknownDeviceOption,
    lg605_unknown_device_driver::UnknownDeviceDriver,
    lg606_gpu_not_asked_for::GpuNotAskedFor,
    lg607_shm_too_small::ShmTooSmall,
    lg608_memlock_limited::MemlockLimited,
    lg609_device_ids_malformed::DeviceIdsMalformed,
    lg610_visible_devices_without_runtime::VisibleDevicesWithoutRuntime,
    lg611_visible_devices_twice::VisibleDevicesTwice,
    lg612_device_nodes_by_hand::DeviceNodesByHand,
    lg613_privileged_sees_all::PrivilegedSeesAll,
    lg614_runtime_and_request::RuntimeAndRequest,
    lg615_file_version_too_old::FileVersionTooOld,
    lg616_generic_resources_outside_swarm::GenericResourcesOutsideSwarm,
    lg617_unknown_gpu_capability::UnknownGpuCapability,
    lg618_capabilities_too_narrow::CapabilitiesTooNarrow,
    lg619_cdi_request_malformed::CdiRequestMalformed,
    lg625_empty_list_clears_nothing::EmptyListClearsNothing,
    lg626_same_gpu_for_several::SameGpuForSeveral,
    lg627_cuda_visible_devices_malformed::CudaVisibleDevicesMalformed,
    lg628_cuda_visible_devices_renumbered::CudaVisibleDevicesRenumbered,
    lg629_gpu_count_malformed::GpuCountMalformed,
    lg901_not_understood::NotUnderstood,
    lg902_unused_suppression::UnusedSuppression,
    lg903_unknown_rule::UnknownRule,
    lg904_too_large::TooLarge,
}

/// The rule of a code or a name.
pub fn find(text: &str) -> Option<&'static dyn Rule> {
    RULES
        .iter()
        .copied()
        .find(|rule| rule.meta().code.eq_ignore_ascii_case(text) || rule.meta().name == text)
}

/// Whether a word of a setting means any rule: a code, the beginning of codes, a name, or `all`.
pub fn is_word(word: &str) -> bool {
    RULES
        .iter()
        .any(|rule| crate::settings::means(word, rule.meta()))
}
