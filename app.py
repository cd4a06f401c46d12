"""Streamlit entry: navigation, nothing else."""

import streamlit as st


def about() -> None:
    """Say what lumbayes is, and what it is not."""
    st.title("lumbayes")
    st.write(
        "A Bayesian network that tells low back pain from a glute–hip muscle imbalance apart "
        "from its alternatives. It is not a diagnosis and not a medical device."
    )


st.set_page_config(page_title="lumbayes", page_icon="🩺")
st.navigation([st.Page(about, title="About", url_path="about")]).run()
