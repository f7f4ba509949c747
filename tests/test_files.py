"""Map files: what is written comes back; whatever else is in a file is a ValueError that names it."""

import io
import json
import os
import pickle
import re
import stat
import zipfile

import numpy as np
import pytest

import spatium as sp


def cube(x):
    return x * x * x


def cube_slope(x):
    return 3 * x * x


@pytest.fixture(params=[None, 5], ids=["one grid", "layer"])
def amap(request):
    amap = sp.ActivationMap.random(rng=0) if request.param is None else sp.ActivationMap.random(request.param, rng=0)
    amap[(0, 0) if request.param is None else (0, 0, 0)] = sp.ELU(alpha=0.71875)  # exact in binary, easy to find
    amap[(0, 1) if request.param is None else (0, 0, 1)] = sp.HardTanh(min_val=-2.5, max_val=0.1)
    return amap


@pytest.fixture
def saved(amap, tmp_path):
    path = tmp_path / "map.npz"
    amap.save(path)
    return path


def entries(path):
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def rewritten(path, changed, tmp_path):
    """The same file with other entries, under another name."""
    other = tmp_path / "changed.npz"
    np.savez(other, **{**entries(path), **changed})
    return other


def assert_refused(path, *words, **keywords):
    """A ValueError that names the file and says what is wrong."""
    with pytest.raises(ValueError, match=re.escape(path.name)) as caught:
        sp.ActivationMap.load(path, **keywords)
    message = str(caught.value)
    for word in words:
        assert re.search(word, message, re.IGNORECASE), f"{word!r} is not in {message!r}"


def replaced(value, old, new):
    """An entry with one parameter changed, however it is stored: as a number, as text, or as bytes of text."""
    if value.dtype.kind == "f":
        return np.where(value == old, new, value)
    if value.dtype.kind in "US":
        text = value.astype(str)
        number = json.dumps(new)
        return np.char.replace(text, str(old), number).astype(value.dtype.kind)
    if value.dtype == np.uint8 and value.ndim == 1:
        text = value.tobytes().replace(str(old).encode(), json.dumps(new).encode())
        return np.frombuffer(text, np.uint8)
    return value


def with_parameter(path, tmp_path, old, new):
    before = entries(path)
    changed = {key: replaced(value, old, new) for key, value in before.items()}
    assert any(
        changed[key].shape != before[key].shape or not np.array_equal(changed[key], before[key]) for key in before
    ), f"{old} was not found in the file"
    return rewritten(path, changed, tmp_path)


def cells_key(path):
    (key,) = (key for key, value in entries(path).items() if value.dtype == np.uint8 and value.shape[-2:] == (8, 8))
    return key


def test_round_trip(amap, saved):
    loaded = sp.ActivationMap.load(saved)
    assert loaded == amap
    assert loaded.shape == amap.shape
    assert loaded.palette[loaded.cells.flat[0]] == sp.ELU(alpha=0.71875)
    assert loaded.palette[loaded.cells.flat[1]] == sp.HardTanh(-2.5, 0.1)
    x = np.random.default_rng(0).normal(size=(40, 5))
    hashes = np.random.default_rng(1).integers(0, 2**64, (40, 1), dtype=np.uint64)
    np.testing.assert_array_equal(loaded.activate(x, hashes), amap.activate(x, hashes))
    loaded.save(saved)
    assert sp.ActivationMap.load(str(saved)) == amap


def test_every_activation_survives(variant, tmp_path):
    path = tmp_path / "one.npz"
    sp.ActivationMap.uniform(variant).save(str(path))
    assert sp.ActivationMap.load(path)[7, 7] == variant


def test_a_full_palette_survives(tmp_path):
    palette = [sp.LeakyReLU(1 / (n + 1)) for n in range(256)]
    amap = sp.ActivationMap(np.arange(256, dtype=np.uint8).reshape(4, 8, 8), palette)
    amap.save(tmp_path / "full.npz")
    assert sp.ActivationMap.load(tmp_path / "full.npz") == amap


def test_the_file_is_plain_versioned_npz(saved, amap):
    content = entries(saved)
    assert {"format", "version"} <= content.keys()
    assert all(value.dtype != object for value in content.values())
    assert int(content["version"]) >= 1
    np.testing.assert_array_equal(content[cells_key(saved)], amap.cells)
    with zipfile.ZipFile(saved) as archive:
        assert archive.testzip() is None


def test_saving_is_atomic(saved, amap):
    """A reader that has the old file open still reads it whole, and nothing else is left in the directory."""
    old = saved.read_bytes()
    with saved.open("rb") as reader:
        other = sp.ActivationMap.uniform(sp.Sine())
        other.save(saved)
        assert reader.read() == old
    assert sp.ActivationMap.load(saved) == other
    assert [path.name for path in saved.parent.iterdir()] == ["map.npz"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_permissions(amap, tmp_path):
    """A new file gets what the umask leaves, one that replaces another the other's, never more in between."""
    path = tmp_path / "map.npz"
    before = os.umask(0o027)
    try:
        amap.save(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        for mode in (0o600, 0o444, 0o664):
            path.chmod(mode)
            amap.save(path)
            assert stat.S_IMODE(path.stat().st_mode) == mode
    finally:
        os.umask(before)


def test_a_failed_save_leaves_the_old_file(saved, amap, monkeypatch):
    def fail(*arguments, **keywords):
        raise OSError("disk full")

    other = sp.ActivationMap.uniform(sp.Sine())
    for call in ("os.replace", "os.rename", "os.fsync", "numpy.savez", "zipfile.ZipFile"):
        with monkeypatch.context() as patch:
            patch.setattr(call, fail)
            try:
                other.save(saved)
            except OSError:
                expected = amap
            else:  # it does without that call
                expected = other
        assert sp.ActivationMap.load(saved) == expected
        assert [path.name for path in saved.parent.iterdir()] == ["map.npz"], f"{call} left a file behind"
        amap.save(saved)


def test_saving_into_a_missing_directory(amap, tmp_path):
    with pytest.raises(FileNotFoundError):
        amap.save(tmp_path / "missing" / "map.npz")
    assert not list(tmp_path.iterdir())


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.npz"):
        sp.ActivationMap.load(tmp_path / "nothing.npz")


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 0.5, 0.8, 0.95, 0.999])
def test_truncated(saved, share):
    content = saved.read_bytes()
    saved.write_bytes(content[: int(len(content) * share)])
    assert_refused(saved)


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"PK\x03\x04" + bytes(100), b"not a map\n" * 50, bytes(1000), b"\x93NUMPY"]
)
def test_not_a_map_at_all(tmp_path, content):
    path = tmp_path / "strange.npz"
    path.write_bytes(content)
    assert_refused(path)


def test_another_npz_and_a_plain_npy(tmp_path):
    other = tmp_path / "other.npz"
    np.savez(other, a=np.arange(3))
    assert_refused(other)
    array = tmp_path / "array.npy"
    np.save(array, np.arange(64).reshape(8, 8))
    assert_refused(array)
    with zipfile.ZipFile(tmp_path / "zip.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert_refused(tmp_path / "zip.npz")


class Bomb:
    """Unpickling this writes a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def test_a_pickle_is_never_read(saved, tmp_path):
    marker = tmp_path / "exploded"
    for key in entries(saved):
        bomb = np.empty(1, object)
        bomb[0] = Bomb(marker)
        assert_refused(rewritten(saved, {key: bomb}, tmp_path))
    plain = tmp_path / "plain.npz"
    plain.write_bytes(pickle.dumps(Bomb(marker)))
    assert_refused(plain)
    assert not marker.exists()


@pytest.mark.parametrize("version", [0, -1, 999, 2**40])
def test_wrong_version(saved, tmp_path, version):
    assert_refused(rewritten(saved, {"version": np.array(version)}, tmp_path), "version", str(version))


@pytest.mark.parametrize("version", [np.array([1, 1]), np.array("one"), np.array(1.5), np.array(np.nan), np.array([])])
def test_malformed_version(saved, tmp_path, version):
    assert_refused(rewritten(saved, {"version": version}, tmp_path), "version")


@pytest.mark.parametrize("value", [np.array("another format"), np.array(3), np.array(["a", "b"])])
def test_wrong_format(saved, tmp_path, value):
    assert_refused(rewritten(saved, {"format": value}, tmp_path), "format")


def test_a_missing_entry(saved, tmp_path):
    content = entries(saved)
    for key in content:
        rest = {name: value for name, value in content.items() if name != key}
        np.savez(tmp_path / "less.npz", **rest)
        assert_refused(tmp_path / "less.npz", re.escape(key))


@pytest.mark.parametrize(
    "change",
    [
        lambda cells: cells[..., :7, :],
        lambda cells: cells[..., :, :7],
        lambda cells: cells.reshape(*cells.shape[:-2], 64),
        lambda cells: cells[..., 0, 0],
        lambda cells: cells[..., None],
        lambda cells: cells[..., :0, :],
    ],
)
def test_wrong_shape_of_the_cells(saved, tmp_path, change):
    key = cells_key(saved)
    assert_refused(rewritten(saved, {key: change(entries(saved)[key])}, tmp_path), "cells", "shape|8")


@pytest.mark.parametrize("dtype", [np.float64, np.complex128, "U3", np.bool_])
def test_wrong_dtype_of_the_cells(saved, tmp_path, dtype):
    key = cells_key(saved)
    assert_refused(rewritten(saved, {key: entries(saved)[key].astype(dtype)}, tmp_path), "cells")


@pytest.mark.parametrize("index", [14, 200, 255])
def test_a_cell_beyond_the_palette(saved, tmp_path, index):
    key = cells_key(saved)
    cells = entries(saved)[key].copy()
    cells.flat[-1] = index
    assert_refused(rewritten(saved, {key: cells}, tmp_path), "cells", str(index), "palette")


@pytest.mark.parametrize("alpha", [-0.5, float("nan")])
def test_a_parameter_out_of_its_domain(saved, tmp_path, alpha):
    assert_refused(with_parameter(saved, tmp_path, 0.71875, alpha), "alpha")


def test_wrong_shapes_of_the_other_entries(saved, tmp_path):
    for key, value in entries(saved).items():
        wrong = [value[:-1], value[None]] if value.ndim else [np.stack([value, value])]
        for array in wrong:
            if not (key == cells_key(saved) and array.shape[-2:] == (8, 8) and array.ndim <= 3 and array.size):
                assert_refused(rewritten(saved, {key: array}, tmp_path))


def test_entries_of_a_wrong_kind(saved, tmp_path):
    for key, value in entries(saved).items():
        for wrong in (np.full(value.shape, 1j), np.zeros(value.shape, "M8[s]"), np.zeros(value.shape, "V8")):
            assert_refused(rewritten(saved, {key: wrong}, tmp_path))


def test_flipped_bytes(saved, amap):
    """Whatever one changed byte does to the file: the same map or a ValueError, nothing else."""
    content = saved.read_bytes()
    random = np.random.default_rng(0)
    refused = 0
    directory_end = np.arange(len(content) - 30, len(content))  # zip's last record, which has no checksum
    for position in np.concatenate([random.integers(0, len(content), 250), directory_end]):
        broken = bytearray(content)
        broken[position] ^= int(random.integers(1, 256))
        saved.write_bytes(broken)
        try:
            assert sp.ActivationMap.load(saved) == amap, f"byte {position} changed the map"
        except ValueError as error:
            refused += saved.name in str(error) or pytest.fail(f"{error} does not name the file")
    assert refused > 100


def test_a_compressed_copy_is_read(saved, amap, tmp_path):
    np.savez_compressed(tmp_path / "small.npz", **entries(saved))
    assert sp.ActivationMap.load(tmp_path / "small.npz") == amap


def test_custom_activations_need_their_functions(tmp_path):
    custom = sp.Custom(cube, cube_slope, name="my cube")
    amap = sp.ActivationMap.random(rng=0)
    amap[4, 4] = custom
    path = tmp_path / "custom.npz"
    amap.save(path)
    assert_refused(path, "my cube", "custom")
    assert_refused(path, "my cube", custom={"another": custom})
    loaded = sp.ActivationMap.load(path, custom={"my cube": custom})
    assert loaded == amap
    assert loaded[4, 4] == custom
    x = np.array([2.0])
    assert loaded.activate(x, 0x404) == 8
    with pytest.raises(TypeError, match="custom"):
        sp.ActivationMap.load(path, custom={"my cube": cube})


def test_a_file_object_is_not_confused_with_a_path(amap):
    """Paths only, as documented."""
    with pytest.raises(TypeError, match=r"PathLike object, not .*BytesIO"):
        amap.save(io.BytesIO())
    with pytest.raises(TypeError, match=r"PathLike object, not .*BytesIO"):
        sp.ActivationMap.load(io.BytesIO())


def test_saving_follows_links_and_refuses_pipes(tmp_path):
    amap = sp.ActivationMap.random(rng=0)
    (tmp_path / "real.npz").write_bytes(b"old")
    (tmp_path / "link.npz").symlink_to(tmp_path / "real.npz")
    amap.save(tmp_path / "link.npz")
    assert (tmp_path / "link.npz").is_symlink()
    assert sp.ActivationMap.load(tmp_path / "real.npz") == amap
    os.mkfifo(tmp_path / "pipe.npz")
    with pytest.raises(OSError, match=r"not a regular file.*pipe\.npz"):
        amap.save(tmp_path / "pipe.npz")
    assert stat.S_ISFIFO((tmp_path / "pipe.npz").stat().st_mode)
    (tmp_path / "link to pipe.npz").symlink_to(tmp_path / "pipe.npz")
    with pytest.raises(OSError, match="not a regular file") as caught:
        amap.save(tmp_path / "link to pipe.npz")
    assert caught.value.filename == str(tmp_path / "link to pipe.npz")
    with pytest.raises(OSError, match=r"nowhere/map\.npz"):
        amap.save(tmp_path / "nowhere/map.npz")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link to pipe.npz", "link.npz", "pipe.npz", "real.npz"]


def test_two_custom_activations_of_one_name_are_not_saved(tmp_path):
    amap = sp.ActivationMap.uniform(sp.Custom(np.sin, name="f"))
    amap[0, 0] = sp.Custom(np.cos, name="f")
    with pytest.raises(ValueError, match="share a name"):
        amap.save(tmp_path / "map.npz")
