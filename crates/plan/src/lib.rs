//! Request × Host × Policy → Plan: the one place where GPUs are granted or refused
