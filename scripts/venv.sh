# shellcheck shell=bash
# Sourced by the other scripts: use_venv EXTRAS activates a virtual environment and installs seqvae[EXTRAS] into it.
#
# An active environment is used as it is; otherwise .venv in the repository is made once. Packages are installed
# at the versions of constraints.txt, and again only when pyproject.toml or constraints.txt change, so that a
# second run needs neither time nor network. PYTHON=/path/to/python picks another interpreter.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    echo "seqvae needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2
    return 1
}

activate_venv() {
    local folder=$repository/.venv python
    if [[ -n ${VIRTUAL_ENV:-} ]]; then
        PATH=$VIRTUAL_ENV/bin:$PATH
        return
    fi
    if [[ ! -f $folder/bin/activate ]]; then
        python=$(find_python)
        echo "Making a virtual environment in $folder" >&2
        rm -rf "$folder"
        if ! "$python" -m venv "$folder"; then
            rm -rf "$folder"
            echo "$python could not make a virtual environment (on Debian: apt install python3-venv)" >&2
            return 1
        fi
    fi
    # shellcheck source=/dev/null
    source "$folder/bin/activate"
}

fingerprint() {
    cat "$repository/pyproject.toml" "$repository/constraints.txt" <(echo "$repository") | cksum | cut -d ' ' -f 1
}

use_venv() {
    local extras=$1 stamp log wanted
    activate_venv
    stamp=$VIRTUAL_ENV/.seqvae-installed-${extras:-core}
    wanted=$(fingerprint)
    if [[ -f $stamp && $(<"$stamp") == "$wanted" ]]; then return; fi
    echo "Installing seqvae${extras:+[$extras]} into $VIRTUAL_ENV (a few minutes, most of it PyTorch)" >&2
    log=$(mktemp)
    if ! (cd "$repository" && PIP_DISABLE_PIP_VERSION_CHECK=1 python -m pip install --quiet \
        -c constraints.txt -e ".${extras:+[$extras]}") >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        echo "The installation failed; what pip says is above." >&2
        return 1
    fi
    rm -f "$log"
    echo "$wanted" >"$stamp"
}
